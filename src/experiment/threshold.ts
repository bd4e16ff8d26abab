import { PremortemError } from '../kernel/errors.ts'

/** What a number must be: `text` as it is written, such as `<= 0.3`. */
export interface Check { text: string, test: (value: number) => boolean }

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '<=': (value, bound) => value <= bound,
  '>=': (value, bound) => value >= bound,
  '==': (value, bound) => value === bound,
  '!=': (value, bound) => value !== bound,
  '<': (value, bound) => value < bound,
  '>': (value, bound) => value > bound
}

/** A comparison with a number, from its text. Throws PMT_ERR_INVALID at `path`. */
export function parseCheck (written: string, path: string): Check {
  const found = /^\s*(<=|>=|==|!=|<|>)\s*(-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)\s*$/i.exec(written)
  if (found === null) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not a comparison', path, found: written, wanted: 'one such as <= 0.3, with <, <=, >, >=, == or !=' })
  }
  const [, sign, number] = found as unknown as [string, string, string]
  const compare = COMPARISONS[sign]!
  const bound = Number(number)
  return { text: `${sign} ${number}`, test: (value) => compare(value, bound) }
}
