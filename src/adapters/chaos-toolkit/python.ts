import type { Json, JsonObject } from './types.ts'

/** Whether a value is a mapping. */
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What Python raises when a value is of a kind that an operation does not take. */
export class PythonTypeError extends Error {
  override name = 'PythonTypeError'
}

/** The word that Python has for a value's type. */
export function pythonType (value: Json): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'string') return 'str'
  return Array.isArray(value) ? 'list' : 'dict'
}

// In Python True is 1 and False is 0.
const number = (value: Json): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : undefined

/** `a == b` as Python has it: by value, and `True == 1`. */
export function pythonEquals (a: Json, b: Json): boolean {
  const [left, right] = [number(a), number(b)]
  if (left !== undefined || right !== undefined) return left === right
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => pythonEquals(item, b[i]!))
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && pythonEquals(a[key]!, b[key]!))
  }
  return a === b
}

/** Below 0 if `a < b`, above 0 if `a > b`, NaN if neither can be said. Throws PythonTypeError for kinds that have no order. */
export function pythonCompare (a: Json, b: Json): number {
  const [left, right] = [number(a), number(b)]
  if (left !== undefined && right !== undefined) return left - right
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (Array.isArray(a) && Array.isArray(b)) {
    const i = a.findIndex((item, at) => at >= b.length || !pythonEquals(item, b[at]!))
    if (i === -1) return a.length - b.length
    return i >= b.length ? 1 : pythonCompare(a[i]!, b[i]!)
  }
  throw new PythonTypeError(`'<=' not supported between instances of '${pythonType(a)}' and '${pythonType(b)}'`)
}

// By code points; JavaScript's own order is by UTF-16 units.
function compareText (a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const i = left.findIndex((sign, at) => sign !== right[at])
  if (i === -1) return left.length - right.length
  return i >= right.length ? 1 : left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!
}

/** Whether Python takes a value for true: all but None, zero, and what is empty. */
export function pythonTruth (value: Json): boolean {
  if (isObject(value)) return Object.keys(value).length > 0
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/** `str(value)`. */
export function pythonText (value: Json): string {
  return typeof value === 'string' ? value : representation(value)
}

function representation (value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return `[${value.map(representation).join(', ')}]`
  if (isObject(value)) return `{${Object.entries(value).map(([key, item]) => `${representation(key)}: ${representation(item)}`).join(', ')}}`
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  return quote + value.replace(/[\\\n\r\t]/g, (sign) => ESCAPES[sign]!).replaceAll(quote, `\\${quote}`) + quote
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `json.dumps(value, sort_keys=True)`: a space after commas and colons, and ASCII only. */
export function pythonJson (value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (isObject(value)) {
    const keys = Object.keys(value).sort(compareText)
    return `{${keys.map((key) => `${pythonJson(key)}: ${pythonJson(value[key]!)}`).join(', ')}}`
  }
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (sign) => sign === '\u007f' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
