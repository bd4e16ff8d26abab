import type { TSchema } from 'typebox'
import type { Options } from 'yargs'
import { expandFault } from '../config/value-files.ts'
import { CATALOGUE, aliases, faultTypes, typeOf } from '../faults/catalogue.ts'
import { ENVELOPE_KEYS, faultSchema } from '../faults/envelope.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import type { FaultType } from '../faults/fault.ts'
import { PremortemError } from '../kernel/errors.ts'
import { describe, nearest } from '../kernel/schema.ts'
import type { Args } from './command.ts'
import { texts } from './command.ts'

/** The keys of an envelope that a command line gives in another way. */
const ELSEWHERE = ['type', 'on']

interface Node extends TSchema {
  type?: string
  description?: string
  anyOf?: Node[]
  enum?: unknown[]
  items?: Node
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
}

/** One field of a fault: the keys that lead to it, and its schema. */
interface Field { keys: string[], schema: Node }

/** A flag, and the field it sets in each type of fault that has it. */
interface Flag { name: string, fields: Map<string, Field> }

// `match: { path }` is one field of its own, written `match.path=` or `--match-path`.
function fieldsOf (type: FaultType): Field[] {
  return Object.entries(faultSchema(type).properties as Record<string, Node>)
    .filter(([key]) => !ELSEWHERE.includes(key))
    .flatMap(([key, schema]) => schema.properties === undefined
      ? [{ keys: [key], schema }]
      : Object.entries(schema.properties).map(([inner, innerSchema]) => ({ keys: [key, inner], schema: innerSchema })))
}

/**
 * The flags of all types of faults. A parameter whose name a command has for itself gets the type's name in front:
 * `--delay-at`. A field of the envelope then has no flag, only its word.
 */
function flagsBeside (taken: readonly string[]): Flag[] {
  const flags = new Map<string, Flag>()
  for (const type of CATALOGUE) {
    for (const field of fieldsOf(type)) {
      const plain = field.keys.join('-')
      if (taken.includes(plain) && ENVELOPE_KEYS.includes(field.keys[0]!)) continue
      const name = taken.includes(plain) ? `${type.type.replace('/', '-')}-${plain}` : plain
      const flag = flags.get(name) ?? { name, fields: new Map<string, Field>() }
      flags.set(name, flag)
      flag.fields.set(type.type, field)
    }
  }
  return [...flags.values()]
}

/** Options of the command line for every field of every type of fault, beside the options a command has already. */
export function faultOptions (taken: readonly string[]): Record<string, Options> {
  return Object.fromEntries(flagsBeside(taken).map(({ name, fields }) => {
    const group = groupOf(fields)
    const describe = group === SOME ? explainEach(fields) : explain(fields.values().next().value!)
    return [name, { type: 'string', requiresArg: true, group, describe }]
  }))
}

const SOME = 'Faults of some types:'

function groupOf (fields: Flag['fields']): string {
  if (fields.size === CATALOGUE.length) return 'Every fault:'
  for (const [layer, group] of [['stream', 'Stream faults:'], ['http', 'Http faults:'], ['tls', 'Tls faults:']] as const) {
    const members = CATALOGUE.filter((type) => type.layer === layer)
    if (fields.size === members.length && members.every(({ type }) => fields.has(type))) return group
  }
  return SOME
}

const explain = ({ schema }: Field): string => schema.description ?? describe(schema)

/** More types than this are not all named. */
const MOST_NAMED = 7

function explainEach (fields: Flag['fields']): string {
  const names = [...fields.keys()]
  const types = names.length > MOST_NAMED ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  const said = new Set([...fields.values()].map(explain))
  return said.size === 1 ? `${types}: ${[...said][0]}` : `${types}: see \`fault types TYPE\``
}

/**
 * The faults that words and flags ask for. A word is a type, which begins a fault, or `key=value`, which sets a field
 * of the fault before it; a flag sets its field in every fault that has it. A list is written `3,7`, or `@FILE` to read
 * it from there. `taken` is as for `faultOptions`. Throws PMT_ERR_FAULT_UNKNOWN, PMT_ERR_USAGE and expandFault's errors.
 */
export async function readFaults (words: readonly string[], args: Args, taken: readonly string[]): Promise<FaultSpec[]> {
  const faults: FaultSpec[] = []
  const named: string[] = []
  for (const word of words) {
    const split = word.indexOf('=')
    if (split === -1) {
      faults.push({ type: typeNamed(word).type })
      named.push(word)
      continue
    }
    const fault = faults.at(-1)
    if (fault === undefined) {
      throw new PremortemError('PMT_ERR_USAGE', { message: 'a value before its fault', found: word, wanted: `a type of fault first: ${[...faultTypes.keys()].join(', ')}` })
    }
    setField(fault, fieldNamed(fault.type, word.slice(0, split)), [word.slice(split + 1)])
  }
  for (const { name, fields } of flagsBeside(taken)) {
    const values = texts(args, name)
    if (values.length === 0) continue
    const concerned = faults.filter((fault) => fields.has(fault.type))
    if (concerned.length === 0) {
      throw new PremortemError('PMT_ERR_USAGE', { message: `--${name} does not go with ${faults.map((fault) => fault.type).join(', ')}`, found: `--${name}`, wanted: `a fault of type ${[...fields.keys()].join(', ')}` })
    }
    for (const fault of concerned) setField(fault, fields.get(fault.type)!, values)
  }
  // What another name stands for can be said otherwise.
  const whole = faults.map((fault, i): FaultSpec => ({ ...fault, ...aliases.get(named[i]!), ...fault }))
  return Promise.all(whole.map((fault) => expandFault(fault, '.')))
}

/** The type of fault of this name, or of this other name. Throws PMT_ERR_FAULT_UNKNOWN, with the nearest known one. */
export function typeNamed (word: string): FaultType {
  const type = typeOf(word)
  if (type !== undefined) return type
  const known = [...faultTypes.keys()]
  const near = nearest(word, [...known, ...aliases.keys()])
  throw new PremortemError('PMT_ERR_FAULT_UNKNOWN', { found: word, wanted: `one of ${known.join(', ')}`, hint: near === undefined ? undefined : `did you mean \`${near}\`?` })
}

function fieldNamed (type: string, key: string): Field {
  const fields = fieldsOf(faultTypes.get(type)!)
  const named = (field: Field): string => field.keys.join('.')
  const found = fields.find((field) => named(field) === key)
  if (found !== undefined) return found
  // `headers.retry-after=1` sets one entry of a map.
  const map = fields.find((field) => isMap(field.schema) && key.startsWith(`${named(field)}.`))
  if (map !== undefined) return { keys: [...map.keys, key.slice(named(map).length + 1)], schema: entrySchema(map.schema) }
  const near = nearest(key, fields.map(named))
  throw new PremortemError('PMT_ERR_USAGE', { message: `${type} has no \`${key}\``, found: key, wanted: `one of ${fields.map(named).join(', ')}`, hint: near === undefined ? undefined : `did you mean \`${near}\`?` })
}

function setField (fault: FaultSpec, { keys, schema }: Field, values: readonly string[]): void {
  let parent: Record<string, unknown> = fault
  for (const key of keys.slice(0, -1)) parent = (parent[key] ??= {}) as Record<string, unknown>
  const key = keys.at(-1)!
  if (isMap(schema)) {
    const entries = values.flatMap((value) => value.startsWith('{') ? Object.entries(parseJson(value) as object) : [entry(schema, value)])
    parent[key] = { ...parent[key] as object | undefined, ...Object.fromEntries(entries) }
    return
  }
  if (schema.type === 'array') {
    parent[key] = [...parent[key] as unknown[] | undefined ?? [], ...values.flatMap((value) => readList(schema.items!, value))]
    return
  }
  if (parent[key] !== undefined || (values.length > 1 && !takesList(schema))) {
    throw new PremortemError('PMT_ERR_USAGE', { message: `\`${keys.join('.')}\` is given twice`, found: values.join(', '), wanted: describe(schema) })
  }
  const read = values.map((value) => readScalar(schema, value))
  parent[key] = read.length === 1 ? read[0] : read
}

const isMap = (schema: Node): boolean => schema.patternProperties !== undefined

const entrySchema = (map: Node): Node => Object.values(map.patternProperties ?? {})[0] ?? {}

const takesList = (schema: Node): boolean => schema.type === 'array' || schema.anyOf?.some((branch) => branch.type === 'array') === true

function readList (items: Node, value: string): unknown[] {
  return value.startsWith('[') ? parseJson(value) as unknown[] : value.split(',').map((item) => readScalar(items, item.trim()))
}

// What does not fit stays as it was typed: the fault's own schema says then what it wanted.
function readScalar (schema: Node, value: string): unknown {
  if ((schema.type === 'integer' || schema.type === 'number') && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (schema.type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  if (schema.enum !== undefined) return schema.enum.find((word) => String(word) === value) ?? value
  return takesAnything(schema) && isJson(value) ? JSON.parse(value) : value
}

// A schema without a word about the value, as of what is in a JSON merge patch.
const takesAnything = (schema: Node): boolean => schema.type === undefined && schema.anyOf === undefined

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function parseJson (text: string): unknown {
  if (isJson(text)) return JSON.parse(text)
  throw new PremortemError('PMT_ERR_USAGE', { message: 'not valid JSON', found: text, wanted: 'JSON such as {"name":"value"}' })
}

function entry (map: Node, text: string): [string, unknown] {
  const found = /^([^=:]+)[=:]\s*(.*)$/s.exec(text)
  if (found === null) throw new PremortemError('PMT_ERR_USAGE', { message: 'not an entry of a map', found: text, wanted: 'name=value' })
  return [found[1]!.trim(), readScalar(entrySchema(map), found[2]!)]
}
