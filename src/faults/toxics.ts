import { PremortemError } from '../kernel/errors.ts'
import { LooseMapping } from '../kernel/loose.ts'
import { CATALOGUE } from './catalogue.ts'
import { decodeFault } from './envelope.ts'
import type { Fault } from './envelope.ts'
import type { Direction, FaultType, StreamFaultType } from './fault.ts'
import { latency } from './stream/latency.ts'
import type { Toxic } from './toxic.ts'

/** A toxic as Toxiproxy's API shows it. Attributes are whole numbers in the toxic's own units. */
export interface ToxicView { attributes: Record<string, number>, name: string, type: string, stream: Direction, toxicity: number }

/** A toxic as it was asked for; its attributes are not read yet. */
export interface ToxicRequest { name: string, kind: Kind, stream: Direction, toxicity: number, attributes: unknown, path: string }

/** What a toxic is called and which fault it is. */
interface Kind { toxic: Toxic<Record<string, unknown>>, fault: FaultType, mode: Fault['mode'] }

/** What Toxiproxy says of a stream that is none. */
export const INVALID_STREAM = 'stream was invalid, can be either upstream or downstream'

/** The longest name that can stand in a path. */
const LONGEST_NAME = 256

const NOOP: Toxic<Record<string, unknown>> = { type: 'noop', attributes: {}, toParams: () => ({ latency: 0 }), toAttributes: () => ({}) }

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...CATALOGUE.flatMap((fault): Kind[] => {
    const toxic = fault.layer === 'stream' ? (fault as StreamFaultType).toxic : undefined
    return toxic === undefined ? [] : [{ toxic: toxic as Kind['toxic'], fault, mode: 'inject' }]
  }),
  { toxic: NOOP, fault: latency as unknown as FaultType, mode: 'shadow' } satisfies Kind
].map((kind) => [kind.toxic.type, kind]))

/** The types of toxics there are. */
export const TOXIC_TYPES: readonly string[] = [...KINDS.keys()]

/**
 * A toxic's name, type and share from a body of Toxiproxy's API. Throws PMT_ERR_INVALID, and PMT_ERR_FAULT_UNKNOWN if there
 * is no such type.
 */
export function readToxic (written: unknown, base = ''): ToxicRequest {
  const body = new LooseMapping(written, base)
  const name = body.text('name')
  const type = body.text('type') ?? ''
  const direction = body.text('stream') ?? 'downstream'
  const toxicity = toxicityOf(body) ?? 1
  const stream = direction.toLowerCase()
  if (stream !== 'upstream' && stream !== 'downstream') {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: INVALID_STREAM, path: body.path('stream'), found: direction, wanted: 'upstream or downstream'
    })
  }
  const kind = KINDS.get(type)
  if (kind === undefined) {
    throw new PremortemError('PMT_ERR_FAULT_UNKNOWN', {
      message: 'invalid toxic type', path: body.path('type'), found: type, wanted: `one of ${TOXIC_TYPES.join(', ')}`
    })
  }
  return {
    name: checkName(name || `${type}_${stream}`, body.path('name')),
    kind,
    stream,
    toxicity,
    attributes: body.value('attributes') ?? {},
    path: body.path('attributes')
  }
}

/** The fault that a toxic is. It stays until it is removed. Throws PMT_ERR_INVALID for attributes that do not fit. */
export function faultOfToxic ({ name, kind, stream, toxicity, attributes, path }: ToxicRequest): Fault {
  const fault = decode(kind, { share: toxicity, direction: stream, ...paramsOf(kind, attributes, {}, path) }, path)
  // A toxic's name may hold what an id may not.
  return { ...fault, id: name }
}

/** The fault that a body of Toxiproxy's API asks for. Throws PMT_ERR_INVALID and PMT_ERR_FAULT_UNKNOWN. */
export function decodeToxic (written: unknown, base = ''): Fault {
  return faultOfToxic(readToxic(written, base))
}

/** What changes of a fault by the body of an update: share and attributes, each kept if not named. Throws PMT_ERR_INVALID. */
export function toxicPatch (fault: Fault, written: unknown): Record<string, unknown> {
  const body = new LooseMapping(written)
  const kind = kindOf(fault)
  const share = toxicityOf(body) ?? fault.share
  const params = paramsOf(kind, body.value('attributes') ?? {}, kind.toxic.toAttributes(fault.params), body.path('attributes'))
  decode(kind, { share, ...params }, body.path('attributes'))
  return { share, ...params }
}

/** How a toxic is shown. */
export function toxicOf (id: string, fault: Fault): ToxicView {
  const { toxic } = kindOf(fault)
  const attributes = toxic.toAttributes(fault.params)
  return {
    // Set by hand over the native API they may be fractions, which no client can read.
    attributes: Object.fromEntries(Object.keys(toxic.attributes).map((name) => [name, Math.round(attributes[name] ?? 0)])),
    name: id,
    type: toxic.type,
    stream: fault.direction === 'upstream' ? 'upstream' : 'downstream',
    toxicity: fault.share
  }
}

/** Whether a name can stand in a path. Throws PMT_ERR_INVALID if not. */
export function checkName (name: string, path: string): string {
  if (name.length <= LONGEST_NAME && !name.includes('/')) return name
  throw new PremortemError('PMT_ERR_INVALID', { message: 'not a name', path, found: name, wanted: `at most ${LONGEST_NAME} characters and no slash` })
}

// Which of them a fault is can be seen by its type; in shadow mode it does nothing, as noop.
function kindOf (fault: Fault): Kind {
  if (fault.mode === 'shadow') return KINDS.get('noop')!
  return [...KINDS.values()].find((kind) => kind.fault === fault.type && kind.mode === fault.mode)!
}

function toxicityOf (body: LooseMapping): number | undefined {
  const toxicity = body.number('toxicity')
  if (toxicity === undefined || (toxicity >= 0 && toxicity <= 1)) return toxicity
  throw new PremortemError('PMT_ERR_INVALID', { message: 'not a toxicity', path: body.path('toxicity'), found: toxicity, wanted: 'a number from 0 to 1' })
}

/** The fault's parameters by the attributes written over the ones it has, each of which is 0 if there is none. */
function paramsOf ({ toxic }: Kind, written: unknown, current: Record<string, number>, path: string): Record<string, unknown> {
  const given = new LooseMapping(written, path)
  return toxic.toParams(Object.fromEntries(Object.entries(toxic.attributes).map(([name, { least = 0 }]) => {
    const value = given.number(name) ?? current[name] ?? 0
    if (!Number.isSafeInteger(value) || value < least) {
      throw new PremortemError('PMT_ERR_INVALID', { message: `${name} does not fit`, path: given.path(name), found: value, wanted: `a whole number, at least ${least}` })
    }
    return [name, value]
  })))
}

function decode (kind: Kind, spec: Record<string, unknown>, path: string): Fault {
  try {
    return decodeFault({ type: kind.fault.type, existing: 'affect', mode: kind.mode, ttl: 'never', ...spec })
  } catch (error) {
    if (!(error instanceof PremortemError)) throw error
    // It names the fault's parameter, which whoever wrote the toxic has not seen.
    const { found, wanted } = error.details
    throw new PremortemError(error.code, { message: `the attributes do not fit: ${error.message}`, path, found, wanted })
  }
}
