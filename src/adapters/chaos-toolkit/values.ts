import { invalid } from './invalid.ts'
import type { Json } from './types.ts'

/** The types that a value from outside may be given. */
export const VALUE_TYPES = ['str', 'string', 'int', 'integer', 'float', 'number', 'bytes', 'bool', 'json'] as const

const FALSE = ['false', '0', 'no']

/**
 * Text from the environment or the command line as a value of a type. Throws PMT_ERR_CHAOS_TOOLKIT (InvalidExperiment), naming
 * the path.
 */
export function readValue (text: string, type: string, path: string): Json {
  const misfit = (wanted: string): Error => invalid('InvalidExperiment', `a value does not fit its type \`${type}\``, { path, found: text, wanted })
  switch (type) {
    case 'str': case 'string': case 'bytes': return text
    case 'int': case 'integer':
      if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) throw misfit('a whole number')
      return Number(text.replaceAll('_', ''))
    case 'float': case 'number':
      if (text.trim() === '' || !Number.isFinite(Number(text))) throw misfit('a number')
      return Number(text)
    case 'bool': return !FALSE.includes(text.toLowerCase())
    case 'json':
      try {
        return JSON.parse(text) as Json
      } catch {
        throw misfit('JSON')
      }
    default: throw invalid('InvalidExperiment', `no such type of a value: \`${type}\``, { path, found: type, wanted: VALUE_TYPES.join(', ') })
  }
}
