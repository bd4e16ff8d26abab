import { toPremortemError } from '../kernel/errors.ts'
import { paint, plain } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'

/**
 * Any thrown value as the one line people see: code, message, where, found, wanted, hint. Never with a stack trace,
 * unless `debug` asks for it. The only place where an error becomes text.
 */
export function printError (error: unknown, look: Look, options: { json?: boolean, debug?: boolean } = {}): string {
  const known = toPremortemError(error)
  if (options.json === true) return JSON.stringify({ error: known.toJSON() })
  const { path, found, wanted, file, line, column } = known.details
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  const where = [place, path].filter(Boolean).join(' ')
  const parts = [
    `${paint(look, ['red', 'bold'], known.code)}: ${plain(known.message)}`,
    ...(where === '' ? [] : [`at ${paint(look, 'bold', plain(where))}`]),
    ...(found === undefined ? [] : [`found ${brief(found)}`]),
    ...(wanted === undefined ? [] : [`wanted ${plain(wanted)}`]),
    ...(known.hint === '' ? [] : [`hint: ${plain(known.hint)}`])
  ]
  const stack = options.debug === true ? `\n${(known.cause instanceof Error ? known.cause : known).stack}` : ''
  return `premortem: ${parts.join('; ')}${stack}`
}

const LONGEST = 120

function brief (value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? String(value)
  return plain(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text)
}
