import { Type } from 'typebox'
import type { Static, StaticDecode, TCodec, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Validator } from 'typebox/compile'
import { Value } from 'typebox/value'
import { PremortemError } from './errors.ts'
import { parseByteRate, parseDuration, parseFrequency, parseShare, parseSize, shortDuration } from './units.ts'

type UnitSchema = TCodec<ReturnType<typeof humanNumber>, number>

interface UnitOptions { description?: string, default?: string | number }

/** A schema with a default: whoever writes may leave the value out, whoever reads finds one. */
export type Defaulted<T> = T & { default: unknown }

// `wanted` is ours: the words an error uses for a schema that JSON Schema cannot describe to people.
const humanNumber = (pattern: string, wanted: string, options: object) => Type.Union([
  Type.Number({ minimum: 0 }), Type.String({ pattern })
], { wanted, ...options })

type Unit = <O extends UnitOptions>(options?: O) => O extends { default: unknown } ? Defaulted<UnitSchema> : UnitSchema

const unit = (pattern: string, wanted: string, parse: (input: string | number) => number): Unit =>
  (options) => Type.Codec(humanNumber(pattern, wanted, options ?? {})).Decode(parse).Encode((value) => value) as never

const NUMBER = '\\d+(\\.\\d+)?'

const DURATION = `^(${NUMBER}|(${NUMBER}(us|µs|ms|s|m|h|d))+)$`

/**
 * Schema of a duration of a week at most, written `500ms` or `1m30s` or as milliseconds; decodes to milliseconds. Whoever
 * means longer has most likely mistaken the unit.
 */
export const Duration = unit(DURATION, 'a duration such as 500ms, 2s or 1m30s (a bare number is milliseconds)', shortDuration)

/** The same without a limit: how long something stays. */
export const LongDuration = unit(DURATION, 'a duration such as 60s, 2h or 30d (a bare number is milliseconds)', parseDuration)

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

/** Schema of one word, or number, out of a list. */
export const OneOf = <const T extends string | number>(words: readonly T[], options: object = {}) =>
  Type.Unsafe<T>(Type.Enum([...words], { wanted: `one of ${words.join(', ')}`, ...options }))

/** The schema, filling in `value` where nobody says. */
export const Default = <T extends TSchema>(schema: T, value: unknown): Defaulted<T> =>
  Type.With(schema, { default: value }) as never

/** Schema of an object that refuses unknown keys. */
export const Strict = <T extends Record<string, TSchema>>(properties: T, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

const compiled = new WeakMap<TSchema, Validator>()

/**
 * A value checked against a schema, with defaults filled in and units decoded. The value itself is left alone.
 * Throws PMT_ERR_INVALID with path, found, wanted and, for a misspelt key, the nearest known one.
 */
export function decode<T extends TSchema> (schema: T, value: unknown, base = ''): StaticDecode<T> {
  const filled = fill(schema, value, base)
  let validator = compiled.get(schema)
  if (validator === undefined) compiled.set(schema, validator = Compile(schema) as Validator)
  if (!validator.Check(filled)) throw explain(schema, filled, base) ?? misfit(schema, filled, base)
  return decodeUnits(schema, filled, base) as StaticDecode<T>
}

/**
 * The same value with the schema's defaults filled in, undecoded and unchecked: what a document says when read back.
 * Throws PMT_ERR_INVALID for what is not plain data.
 */
export function fill<T extends TSchema> (schema: T, value: unknown, base = ''): Static<T> {
  try {
    return Value.Default(schema, structuredClone(value)) as Static<T>
  } catch (cause) {
    const deep = cause instanceof RangeError
    const key = isMapping(value) ? Object.keys(value).find((name) => !isPlain(value[name])) : undefined
    throw new PremortemError('PMT_ERR_INVALID', {
      message: deep ? 'a value is nested too deeply' : 'a value is not plain data',
      path: key === undefined ? base : join(base, key),
      found: key === undefined ? value : (value as Record<string, unknown>)[key],
      wanted: deep ? 'less depth' : 'what JSON can say',
      cause
    })
  }
}

function isPlain (value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
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
  additionalProperties?: unknown
  propertyNames?: Node
  required?: string[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  minLength?: number
  pattern?: string
  wanted?: string
}

const join = (path: string, key: string | number): string => path === '' ? String(key) : `${path}.${key}`

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schema of a mapping's key; undefined if the schema does not speak of it. */
function propertyOf (node: Node, key: string): Node | undefined {
  if (node.properties !== undefined && Object.hasOwn(node.properties, key)) return node.properties[key]
  return Object.entries(node.patternProperties ?? {}).find(([pattern]) => new RegExp(pattern).test(key))?.[1]
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
  if (node.anyOf !== undefined) {
    const branch = node.anyOf.find((candidate) => Value.Check(candidate, value))
    return branch === undefined ? value : decodeUnits(branch, value, path)
  }
  if (Array.isArray(value)) {
    return node.items === undefined ? value : value.map((item, i) => decodeUnits(node.items!, item, join(path, i)))
  }
  if (!isMapping(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => {
    const property = propertyOf(node, key)
    return [key, property === undefined ? item : decodeUnits(property, item, join(path, key))]
  }))
}

/** The first thing wrong with a value, outside in; undefined if nothing is. */
function explain (schema: TSchema, value: unknown, path: string): PremortemError | undefined {
  const node = schema as Node
  const fits: boolean = Value.Check(node, value)
  if (fits) return undefined
  if (node.anyOf !== undefined) {
    // A union says best itself what it takes, unless a fixed word such as `kind: a` tells which branch was meant.
    const meant = isMapping(value) ? node.anyOf.filter((branch) => isMeant(branch, value)) : []
    return meant.length === 1 ? explain(meant[0]!, value, path) : misfit(node, value, path)
  }
  if (Array.isArray(value) && node.items !== undefined) {
    return firstOf(value.map((item, i) => () => explain(node.items!, item, join(path, i)))) ?? misfit(node, value, path)
  }
  if (!isMapping(value) || node.type !== 'object') return misfit(node, value, path)
  const isKnown = (key: string): boolean => node.propertyNames === undefined
    ? node.additionalProperties !== false || propertyOf(node, key) !== undefined
    : Value.Check(node.propertyNames, key)
  return firstOf([
    ...Object.keys(value).map((key) => () => isKnown(key) ? undefined : unknownKey(node, key, path)),
    ...(node.required ?? []).map((key) => () => Object.hasOwn(value, key) ? undefined : missingKey(node, key, path)),
    ...Object.keys(value).map((key) => () => {
      const property = propertyOf(node, key)
      return property === undefined ? undefined : explain(property, value[key], join(path, key))
    })
  ]) ?? misfit(node, value, path)
}

function firstOf<T> (tries: readonly (() => T | undefined)[]): T | undefined {
  for (const attempt of tries) {
    const found = attempt()
    if (found !== undefined) return found
  }
  return undefined
}

function isMeant (branch: Node, value: Record<string, unknown>): boolean {
  const fixed = Object.entries(branch.properties ?? {}).filter(([, property]) => property.const !== undefined)
  return fixed.length > 0 && fixed.every(([key, property]) => value[key] === property.const)
}

// No key of ours is longer; what is, is cut off where it is shown.
const LONGEST_KEY = 64

function unknownKey (node: Node, key: string, path: string): PremortemError {
  const known = Object.keys(node.properties ?? {})
  const near = nearest(key, known)
  return new PremortemError('PMT_ERR_INVALID', {
    message: `unknown key \`${key.slice(0, LONGEST_KEY)}\``,
    path: join(path, key.slice(0, LONGEST_KEY)),
    found: key,
    wanted: known.length > 0 ? `one of ${known.join(', ')}` : node.wanted ?? 'no key here',
    hint: near === undefined ? undefined : `did you mean \`${near}\`?`
  })
}

function missingKey (node: Node, key: string, path: string): PremortemError {
  return new PremortemError('PMT_ERR_INVALID', {
    message: `\`${key}\` is missing`, path: join(path, key), found: 'nothing', wanted: describe(node.properties?.[key])
  })
}

function misfit (schema: TSchema, value: unknown, path: string): PremortemError {
  return new PremortemError('PMT_ERR_INVALID', { path, found: value === undefined ? 'nothing' : value, wanted: describe(schema) })
}

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

/** The known word nearest to a misspelt one, if one is near enough (at most a third of it edited, or one letter). */
export function nearest (word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST_KEY) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

// Edits between two words, a swapped pair counting as one (optimal string alignment): swaps are the commonest slip.
function distanceOf (a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const edits = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(swapped ? Math.min(edits, before[j - 2]! + 1) : edits)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
