import { findByJsonPath } from './jsonpath.ts'
import { PythonTypeError, isObject, pythonCompare, pythonEquals, pythonTruth, pythonType } from './python.ts'
import { pythonRegex } from './regex.ts'
import { substitute } from './substitution.ts'
import type { Activity, Json, JsonObject, Scope } from './types.ts'

/** What judging by a tolerance needs: values to fill in, and a way to run a probe; `undefined` is a probe that failed. */
export interface ToleranceTools { scope: Scope, runProbe: (probe: Activity) => Promise<Json | undefined> }

/**
 * Whether what a probe gave is within its tolerance, by the Chaos Toolkit's rules. Throws PythonTypeError where those end in a
 * TypeError, and what `runProbe` throws.
 */
export async function isWithin (tolerance: Json, value: Json, tools: ToleranceTools): Promise<boolean> {
  const wanted = typeof tolerance === 'string' ? substitute(tolerance, tools.scope) : tolerance
  if (typeof wanted === 'boolean' || typeof wanted === 'string') return pythonEquals(value, wanted)
  if (typeof wanted === 'number') return Number.isInteger(wanted) && pythonEquals(statusOf(value) ?? value, wanted)
  if (Array.isArray(wanted)) return isInList(wanted, value)
  return wanted !== null && await isWithinRule(wanted, value, tools)
}

const statusOf = (value: Json): Json | undefined => isObject(value) && Object.hasOwn(value, 'status') ? value.status : undefined

function isInList (list: readonly Json[], value: Json): boolean {
  const status = statusOf(value)
  if (status === undefined && list.length === 2) return pythonCompare(list[0]!, value) <= 0 && pythonCompare(value, list[1]!) <= 0
  return list.some((item) => pythonEquals(status ?? value, item))
}

async function isWithinRule (rule: JsonObject, value: Json, { scope, runProbe }: ToleranceTools): Promise<boolean> {
  switch (rule.type) {
    case 'range': return isInRange(rule.range as Json[], targetOf(rule, value))
    case 'regex': return matches(substitute(rule.pattern ?? '', scope), targetOf(rule, value))
    case 'jsonpath': return fits(rule, targetOf(rule, value), scope)
    case 'probe': {
      const provider = rule.provider as JsonObject
      const given = isObject(provider.arguments) ? provider.arguments : {}
      const output = await runProbe({ ...rule, provider: { ...provider, arguments: { ...given, value } } } as unknown as Activity)
      return output !== undefined && pythonTruth(output)
    }
    default: return false
  }
}

function targetOf ({ target }: JsonObject, value: Json): Json {
  return typeof target === 'string' && isObject(value) && Object.hasOwn(value, target) ? value[target]! : value
}

function isInRange (range: readonly Json[], value: Json): boolean {
  const number = decimal(value)
  return decimal(range[0]!) <= number && number <= decimal(range[1]!)
}

const DECIMAL = /^[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[+-]?\d+)?$/i
const INFINITY = /^([+-]?)inf(inity)?$/i

/** A number as Python's Decimal reads it; NaN, which is in no range, for text that is none. */
function decimal (value: Json): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value !== 'string') throw new PythonTypeError(`conversion from ${pythonType(value)} to Decimal is not supported`)
  const text = value.trim()
  const infinite = INFINITY.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  return DECIMAL.test(text) ? Number(text.replaceAll('_', '')) : NaN
}

function matches (pattern: Json, value: Json): boolean {
  if (typeof value !== 'string') throw new PythonTypeError(`expected string or bytes-like object, got '${pythonType(value)}'`)
  if (typeof pattern !== 'string') throw new PythonTypeError('first argument must be string or compiled pattern')
  return pythonRegex(pattern).test(value)
}

function fits (rule: JsonObject, value: Json, scope: Scope): boolean {
  const found = findByJsonPath(String(substitute(rule.path ?? '', scope)), parsed(value))
  if (Object.hasOwn(rule, 'expect')) {
    const expected = substitute(rule.expect!, scope)
    return pythonEquals(found, Array.isArray(expected) ? expected : [expected])
  }
  return Object.hasOwn(rule, 'count') ? pythonEquals(found.length, rule.count!) : found.length > 0
}

function parsed (value: Json): Json {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}
