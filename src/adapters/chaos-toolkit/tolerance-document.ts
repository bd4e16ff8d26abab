import { invalid } from './invalid.ts'
import { parseJsonPath } from './jsonpath-parser.ts'
import { isObject } from './python.ts'
import { pythonRegex } from './regex.ts'
import type { Json, JsonObject } from './types.ts'

const KINDS = 'a whole number, text, true or false, a list, or a mapping with type range, regex, jsonpath or probe'
const HAS_PLACE = /\$\{/

/** Checks a tolerance; `checkProbe` checks a probe in it. Throws PMT_ERR_CHAOS_TOOLKIT (InvalidActivity), naming the path. */
export function checkTolerance (tolerance: Json, path: string, checkProbe: (probe: Json, path: string) => void): void {
  if (tolerance === null || (typeof tolerance === 'number' && !Number.isInteger(tolerance))) {
    throw invalid('InvalidActivity', 'hypothesis probe tolerance must either be an integer, a string, a boolean, a list or an object', { path, found: tolerance, wanted: KINDS })
  }
  if (!isObject(tolerance)) return
  switch (tolerance.type) {
    case 'probe': return checkProbe(tolerance, path)
    case 'regex': return checkRegex(tolerance, path)
    case 'jsonpath': return checkJsonPath(tolerance, path)
    case 'range': return checkRange(tolerance, path)
    default:
      throw invalid('InvalidActivity', `hypothesis probe tolerance type '${String(tolerance.type)}' is unsupported`, { path: `${path}.type`, found: tolerance.type ?? 'nothing', wanted: 'range, regex, jsonpath or probe' })
  }
}

function checkRegex ({ pattern }: JsonObject, path: string): void {
  if (typeof pattern !== 'string') {
    throw invalid('InvalidActivity', 'hypothesis regex probe tolerance must have a `pattern` key', { path: `${path}.pattern`, found: pattern ?? 'nothing', wanted: 'a regular expression' })
  }
  if (HAS_PLACE.test(pattern)) return
  try {
    pythonRegex(pattern)
  } catch (cause) {
    throw invalid('InvalidActivity', `hypothesis probe pattern does not compile: ${(cause as Error).message}`, { path: `${path}.pattern`, found: pattern, wanted: 'a regular expression', cause })
  }
}

function checkJsonPath ({ path: written, count }: JsonObject, path: string): void {
  if (typeof written !== 'string' || written === '') {
    throw invalid('InvalidActivity', 'hypothesis jsonpath probe tolerance must have a `path` key', { path: `${path}.path`, found: written ?? 'nothing', wanted: 'a JSONPath that begins with $' })
  }
  if (count !== undefined && !Number.isInteger(count)) {
    throw invalid('InvalidActivity', 'hypothesis jsonpath probe tolerance `count` must be a number', { path: `${path}.count`, found: count, wanted: 'a whole number' })
  }
  if (HAS_PLACE.test(written)) return
  try {
    parseJsonPath(written)
  } catch (cause) {
    throw invalid('InvalidActivity', `hypothesis probe tolerance path '${written}' is invalid: ${(cause as Error).message}`, {
      path: `${path}.path`, found: written, wanted: 'a path in the dialect of jsonpath2', hint: 'equality is a single `=`, texts stand in double quotes, and a filter tests the node itself', cause
    })
  }
}

function checkRange ({ range }: JsonObject, path: string): void {
  const fits = Array.isArray(range) && range.length === 2 && range.every((bound) => typeof bound === 'number')
  if (fits) return
  throw invalid('InvalidActivity', 'hypothesis range probe tolerance must have a `range` of two numbers', { path: `${path}.range`, found: range ?? 'nothing', wanted: '[lowest, highest]' })
}
