import { Type } from 'typebox'
import type { StaticDecode, TSchema } from 'typebox'
import { typeOf } from '../../faults/catalogue.ts'
import type { Fault } from '../../faults/envelope.ts'
import { faultSchema } from '../../faults/envelope.ts'
import type { FaultType } from '../../faults/fault.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { Duration, Strict } from '../../kernel/schema.ts'
import { formatDuration, parseShare } from '../../kernel/units.ts'
import { FEWEST_SECONDS } from './level.ts'
import type { Resolution, SearchRange } from './search.ts'
import { numberOf, showValue, unitOf } from './value.ts'
import type { Unit } from './value.ts'

const value = (description: string) => Type.Union([Type.Number(), Type.String()], { description, wanted: 'a value of the parameter, such as 300ms' })

/** Schema of what is searched, as written. */
export const LimitSchema = Strict({
  fault: Type.Optional(Type.Integer({ minimum: 0, description: 'which of the faults, from 0; the only one if left out' })),
  parameter: Type.String({ minLength: 1, description: 'which of its parameters is raised; the fault itself leaves it out' }),
  from: value('where it starts: too mild to break anything'),
  to: value('where it ends: the harshest value that is ever tried; smaller than `from` where less is harsher, as of a bandwidth'),
  resolution: Type.Optional(Type.Union([Type.Number(), Type.String()], { default: '5%', description: 'how narrow the interval is to be: a share of the value, or an amount', wanted: 'a share such as 5%, or a value of the parameter such as 20ms' })),
  'step-time': Duration({ description: 'how long one value is tried at most', default: '30s' }),
  settle: Duration({ description: 'what is not counted after each change, for what went before to be over', default: '2s' }),
  'at-least': Type.Optional(value('what it must hold at: decides between held and breached'))
}, { description: 'raises one parameter of a fault until the objectives break; the fault phase is how long that takes at most' })

/** What is searched, decoded. Values are milliseconds, bytes, bytes a second or fractions. */
export interface LimitSpec extends SearchRange {
  fault: number
  parameter: string
  unit: Unit
  atLeast: number | undefined
  /** Milliseconds. */
  stepTime: number
  settle: number
}

/** The block with its times decoded and its defaults filled in. */
export type LimitBlock = StaticDecode<typeof LimitSchema>

const refuse = (key: string, message: string, found: unknown, wanted: string, hint?: string): never => {
  throw new PremortemError('PMT_ERR_INVALID', { message, path: key, found, wanted, hint })
}

/** Which fault a search is about. Throws PMT_ERR_INVALID. */
function faultOf ({ fault }: Pick<LimitBlock, 'fault'>, faults: readonly unknown[]): number {
  if (fault === undefined && faults.length > 1) refuse('limit.fault', 'which of the faults is searched?', 'nothing', `a number from 0 to ${faults.length - 1}`)
  if (fault !== undefined && fault >= faults.length) refuse('limit.fault', 'there is no such fault', fault, `a number from 0 to ${faults.length - 1}`)
  return fault ?? 0
}

/** The faults as written, the searched one with the parameter that it leaves to the search. Throws PMT_ERR_INVALID. */
export function withSearched (limit: LimitBlock, faults: readonly unknown[]): unknown[] {
  const at = faultOf(limit, faults)
  const { parameter, from } = limit
  return faults.map((fault, i) => {
    if (i !== at || typeof fault !== 'object' || fault === null || Array.isArray(fault)) return fault
    const { type: name, [parameter]: own } = fault as Record<string, unknown>
    if (own !== undefined) refuse(`faults.${i}.${parameter}`, `\`limit\` says what \`${parameter}\` is`, own, 'nothing here', 'leave it out, or take `limit` away to run with this value')
    const type = typeOf(String(name))
    // Another type of fault is refused where faults are decoded.
    if (type !== undefined) readValue(type, parameter, from, 'limit.from')
    return { ...fault, [parameter]: from }
  })
}

/** Fields of every fault that are numbers and yet nothing that breaks more or less. */
const NO_DIAL: readonly string[] = ['seed', 'ttl']

const schemaOf = (type: FaultType, parameter: string): TSchema & { type?: string } | undefined =>
  (faultSchema(type).properties as Record<string, TSchema>)[parameter]

/** The value of a parameter as a number. Throws PMT_ERR_INVALID, also if it is no number. */
function readValue (type: FaultType, parameter: string, written: unknown, path: string): number {
  const schema = schemaOf(type, parameter)
  const value = schema === undefined || NO_DIAL.includes(parameter) ? null : numberOf(schema, written, path)
  if (value !== null) return value
  return refuse('limit.parameter', `\`${parameter}\` of ${type.type} is nothing that can be raised`, parameter, dialsOf(type))
}

/** What is searched, from its block and the decoded faults, for `searching` ms at most. Throws PMT_ERR_INVALID. */
export function decodeLimit (block: LimitBlock, faults: readonly Fault[], searching: number): LimitSpec {
  const fault = faultOf(block, faults)
  const { parameter, 'step-time': stepTime, settle, 'at-least': asked } = block
  const { type } = faults[fault]!
  const schema = schemaOf(type, parameter)!
  const read = (key: keyof LimitBlock): number => readValue(type, parameter, block[key], `limit.${key}`)
  const [from, to] = [read('from'), read('to')]
  const atLeast = asked === undefined ? undefined : read('at-least')
  const unit = unitOf(schema)
  if (from === to) refuse('limit.to', 'there is nothing between `from` and `to`', block.to, 'another value than `from`')
  const inside = atLeast === undefined || (to > from ? atLeast > from && atLeast <= to : atLeast < from && atLeast >= to)
  if (!inside) refuse('limit.at-least', 'it is never tried', asked, `a value beyond ${showValue(from, unit)}, up to ${showValue(to, unit)}`)
  if (stepTime < FEWEST_SECONDS * 1000) refuse('limit.step-time', 'the time is too short to tell anything', stepTime, `at least ${FEWEST_SECONDS}s`)
  if (searching < settle + stepTime) {
    refuse('phases.fault', 'the search has not even the time for one value', formatDuration(searching), `at least ${formatDuration(settle + stepTime)}, which is \`settle\` and \`step-time\``)
  }
  const resolution = resolutionOf(block.resolution ?? '5%', () => read('resolution'))
  return { fault, parameter, unit, from, to, resolution, first: atLeast, whole: schema.type === 'integer', atLeast, stepTime, settle }
}

/** A percentage is one of the value, also where the values themselves are shares: there, `0.01` is an amount. */
function resolutionOf (written: string | number, read: () => number): Resolution {
  const share = typeof written === 'string' && written.trim().endsWith('%') ? shareOf(written) : null
  const amount = share ?? read()
  if (amount <= 0 || (share !== null && share >= 1)) refuse('limit.resolution', 'not a resolution', written, 'a share such as 5%, or an amount above 0')
  return share === null ? { amount } : { share }
}

function shareOf (written: string): number {
  try {
    return parseShare(written)
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path: 'limit.resolution' }) : error
  }
}

/** The parameters of a type that are numbers, in words. */
function dialsOf (type: FaultType): string {
  const dials = [...Object.keys(type.params.properties), 'share'].filter((key) => {
    try {
      return numberOf(schemaOf(type, key)!, 1, key) !== null
    } catch {
      return false
    }
  })
  return `one of ${dials.join(', ')}`
}
