import { stripVTControlCharacters, styleText } from 'node:util'
import type { Look } from './renderer.ts'

/** A look for where nothing is known of the reader: no colours, 80 columns, ASCII. */
export const PLAIN: Look = { color: false, width: 80, unicode: false }

type Style = Parameters<typeof styleText>[0]

/** A table's cell; `style` colours it without changing its width. */
export type Cell = string | { text: string, style: Style }

/** Whether a terminal shows signs beyond ASCII, by its locale; `LC_ALL` wins over `LC_CTYPE` and `LANG`. */
export function supportsUnicode (env: Record<string, string | undefined>): boolean {
  if (env.TERM === 'linux' || env.TERM === 'dumb') return false
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
}

/** Text in a style, if colours are wanted. */
export function paint (look: Look, style: Style, text: string): string {
  return look.color ? styleText(style, text, { validateStream: false }) : text
}

/** Text without control characters: what a document or a peer says must not steer the terminal. */
export function plain (text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}

/** Breaks text at spaces; only a long word makes a line wider than `width`. `indent` begins every line but the first. */
export function wrap (text: string, width: number, indent = ''): string[] {
  const [first = '', ...words] = text.split(' ')
  const lines = [first]
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(indent + word)
  }
  return lines
}

/** How columns are laid out: how many rows are headings, which columns end flush, and what each line begins with. */
export interface ColumnOptions { heads?: number, right?: readonly number[], indent?: string }

const textOf = (cell: Cell): string => typeof cell === 'string' ? cell : cell.text

/** Rows in columns, two spaces apart; a rule below the headings. */
export function columns (rows: readonly (readonly Cell[])[], look: Look, options: ColumnOptions = {}): string[] {
  const { heads = 1, right = [], indent = '' } = options
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => { widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length) })
  const total = widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1)
  const lines = rows.map((row, r) => {
    const cells = row.map((cell, i) => {
      const bare = textOf(cell)
      const text = right.includes(i) ? bare.padStart(widths[i]!) : i === row.length - 1 ? bare : bare.padEnd(widths[i]!)
      return typeof cell === 'string' ? (r < heads ? paint(look, 'dim', text) : text) : paint(look, cell.style, text)
    })
    return indent + cells.join('  ')
  })
  const rule = indent + paint(look, 'dim', (look.unicode === true ? '─' : '-').repeat(Math.max(0, total)))
  return [...lines.slice(0, heads), rule, ...lines.slice(heads)].map((line) => look.color ? line : line.trimEnd())
}

/** A fraction as a percentage with two decimals at most: rounded down, so that it never looks better, or up for upper bounds. */
export function percent (fraction: number, rounding: 'down' | 'up' = 'down'): string {
  // The sliver keeps 0.57, a hair below 57 in binary, from becoming 56.99 %.
  const hundredths = rounding === 'down' ? Math.floor(fraction * 10_000 + 1e-7) : Math.ceil(fraction * 10_000 - 1e-7)
  return `${hundredths / 100}%`
}
