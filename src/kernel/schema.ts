import { Type } from 'typebox'
import type { Static, StaticDecode, TCodec, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Validator } from 'typebox/compile'
import { Value } from 'typebox/value'
import { PremortemError } from './errors.ts'
import { parseByteRate, parseDuration, parseFrequency, parseShare, parseSize } from './units.ts'

type UnitSchema = TCodec<ReturnType<typeof humanNumber>, number>

// `wanted` is ours: the words an error uses for a schema that JSON Schema cannot describe to people.
const humanNumber = (pattern: string, wanted: string, options: object) => Type.Union([
  Type.Number({ minimum: 0 }), Type.String({ pattern })
], { wanted, ...options })

const unit = (pattern: string, wanted: string, parse: (input: string | number) => number) =>
  (options: { description?: string, default?: string | number } = {}): UnitSchema =>
    Type.Codec(humanNumber(pattern, wanted, options)).Decode(parse).Encode((value) => value)

const NUMBER = '\\d+(\\.\\d+)?'

/** Schema of a duration, written `500ms` or `1m30s` or as milliseconds; decodes to milliseconds. */
export const Duration = unit(`^(${NUMBER}(us|µs|ms|s|m|h|d)?)+$`,
  'a duration such as 500ms, 2s or 1m30s (a bare number is milliseconds)', parseDuration)

/** Schema of a size, written `64KB` or as bytes; decodes to bytes. */
export const Size = unit(`^${NUMBER} *([kKmMgG]?[iI]?[bB])?$`,
  'a size such as 512B, 64KB or 1MiB (a bare number is bytes)', parseSize)

/** Schema of a byte rate, written `64KB/s` or as bytes a second; decodes to bytes a second. */
export const ByteRate = unit(`^${NUMBER} *([kKmMgG]?[iI]?[bB])?(/s)?$`,
  'a rate such as 64KB/s (a bare number is bytes a second)', parseByteRate)

/** Schema of a frequency, written `50/s` or as events a second; decodes to events a second. */
export const Frequency = unit(`^${NUMBER}(/[smh])?$`,
  'a rate such as 50/s or 600/m (a bare number is a second)', parseFrequency)

/** Schema of a share, written `20%` or as a fraction; decodes to a fraction in [0, 1]. */
export const Share = unit(`^${NUMBER}%?$`,
  'a share such as 20% (a bare number is a fraction from 0 to 1)', parseShare)

/** Schema of one word out of a list. */
export const OneOf = <const T extends string>(words: readonly T[], options: object = {}) =>
  Type.Unsafe<T>(Type.Enum([...words], { wanted: `one of ${words.join(', ')}`, ...options }))

/** Schema of an object that refuses unknown keys. */
export const Strict = <T extends Record<string, TSchema>>(properties: T, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

const compiled = new WeakMap<TSchema, Validator>()

/**
 * A value checked against a schema, with defaults filled in and units decoded. The value itself is left alone.
 * Throws PMT_ERR_INVALID with path, found, wanted and, for a misspelt key, the nearest known one.
 */
export function decode<T extends TSchema> (schema: T, value: unknown, base = ''): StaticDecode<T> {
  const filled = fill(schema, value)
  let validator = compiled.get(schema)
  if (validator === undefined) compiled.set(schema, validator = Compile(schema) as Validator)
  if (!validator.Check(filled)) throw explain(schema, filled, validator, base)
  return decodeUnits(schema, filled, base) as StaticDecode<T>
}

/** The same value with the schema's defaults filled in, undecoded and unchecked: what a document says when read back. */
export function fill<T extends TSchema> (schema: T, value: unknown): Static<T> {
  return Value.Default(schema, structuredClone(value)) as Static<T>
}

// Value.Decode reports a codec's refusal without its path; this walk keeps it.
function decodeUnits (schema: TSchema, value: unknown, path: string): unknown {
  const node = schema as Node
  if (node['~codec'] !== undefined) {
    try {
      return node['~codec'].decode(value)
    } catch (error) {
      throw error instanceof PremortemError ? error.at({ path }) : error
    }
  }
  const join = (key: string | number): string => path === '' ? String(key) : `${path}.${key}`
  if (Array.isArray(value)) {
    return node.items === undefined ? value : value.map((item, i) => decodeUnits(node.items!, item, join(i)))
  }
  if (typeof value === 'object' && value !== null) {
    if (node.properties === undefined && node.anyOf !== undefined) {
      const branch = node.anyOf.find((candidate) => Value.Check(candidate, value))
      return branch === undefined ? value : decodeUnits(branch, value, path)
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => {
      const property = node.properties?.[key]
      return [key, property === undefined ? item : decodeUnits(property, item, join(key))]
    }))
  }
  return value
}

interface Node extends TSchema {
  '~codec'?: { decode: (value: unknown) => unknown }
  anyOf?: Node[]
  enum?: unknown[]
  const?: unknown
  type?: string
  items?: Node
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  minLength?: number
  pattern?: string
  wanted?: string
}

function explain (schema: TSchema, value: unknown, validator: Validator, base: string): PremortemError {
  const dotted = (pointer: string): string => [base, ...pointer.split('/').slice(1).map(unescape)].filter(Boolean).join('.')
  const errors = validator.Errors(value)
  const unknown = errors.find((error) => error.keyword === 'additionalProperties')
  if (unknown !== undefined) {
    const known = Object.keys(nodeAt(schema, unknown.schemaPath)?.properties ?? {})
    const key = (unknown.params as { additionalProperties: string[] }).additionalProperties[0]!
    const near = nearest(key, known)
    return new PremortemError('PMT_ERR_INVALID', {
      message: `unknown key \`${key}\``,
      path: dotted(`${unknown.instancePath}/${key}`),
      found: key,
      wanted: known.length === 0 ? 'no key here' : `one of ${known.join(', ')}`,
      hint: near === undefined ? undefined : `did you mean \`${near}\`?`
    })
  }
  const missing = errors.find((error) => error.keyword === 'required' && !error.schemaPath.includes('/anyOf/'))
  if (missing !== undefined) {
    const key = (missing.params as { requiredProperties: string[] }).requiredProperties[0]!
    return new PremortemError('PMT_ERR_INVALID', {
      message: `\`${key}\` is missing`,
      path: dotted(`${missing.instancePath}/${key}`),
      found: 'nothing',
      wanted: describe(nodeAt(schema, missing.schemaPath)?.properties?.[key])
    })
  }
  // Of a union's branches all complain at one place; the union itself says best what it takes.
  const error = errors.find((candidate) => candidate.keyword === 'anyOf') ?? errors[0]!
  const node = nodeAt(schema, error.schemaPath.replace(/\/anyOf(\/.*)?$/, ''))
  return new PremortemError('PMT_ERR_INVALID', {
    message: 'a value does not fit',
    path: dotted(error.instancePath),
    found: Value.Pointer.Get(value, error.instancePath) ?? null,
    wanted: node === undefined ? error.message : describe(node)
  })
}

function nodeAt (schema: TSchema, schemaPath: string): Node | undefined {
  let node: unknown = schema
  for (const part of schemaPath.replace(/^#\/?/, '').split('/').filter(Boolean).map(unescape)) {
    node = (node as Record<string, unknown> | undefined)?.[part]
  }
  return node as Node | undefined
}

const unescape = (part: string): string => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')

/** What a schema takes, in words. */
export function describe (schema: TSchema | undefined): string {
  const node = schema as Node | undefined
  if (node === undefined) return 'a value'
  if (node.wanted !== undefined) return node.wanted
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`
  if (node.anyOf !== undefined) return node.anyOf.map(describe).join(', or ')
  switch (node.type) {
    case 'integer':
    case 'number': {
      const what = node.type === 'integer' ? 'a whole number' : 'a number'
      if (node.minimum !== undefined && node.maximum !== undefined) return `${what} from ${node.minimum} to ${node.maximum}`
      if (node.minimum !== undefined) return `${what}, at least ${node.minimum}`
      return node.exclusiveMinimum !== undefined ? `${what} above ${node.exclusiveMinimum}` : what
    }
    case 'string': return node.pattern !== undefined ? `text that fits ${node.pattern}` : node.minLength ? 'text that is not empty' : 'text'
    case 'boolean': return 'true or false'
    case 'array': return `a list of ${describe(node.items)}${node.minItems ? `, at least ${node.minItems}` : ''}`
    case 'object': return node.properties === undefined ? 'a mapping' : `a mapping with ${Object.keys(node.properties).join(', ')}`
    default: return 'a value'
  }
}

/** The known word nearest to a misspelt one, if one is near enough (Levenshtein distance of at most a third). */
export function nearest (word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = levenshtein(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

function levenshtein (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
