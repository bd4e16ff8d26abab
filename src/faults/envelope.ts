import { Type } from 'typebox'
import type { TObject, TSchema } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { Duration, OneOf, Share, Strict, decode, nearest } from '../kernel/schema.ts'
import { faultTypes } from './catalogue.ts'
import type { Direction, Existing, FaultType } from './fault.ts'
import { MatchSchema } from './match.ts'
import type { Match } from './match.ts'

/** How long a fault set by hand lives when nobody says, in milliseconds. */
export const DEFAULT_TTL = 300_000

/** Who means longer means `never`; and the end of a longer one may be past what a date can say. */
const LONGEST_TTL = 365 * 86_400_000

/** A fault as people write it: the envelope's fields and the type's own parameters side by side. */
export interface FaultSpec {
  type: string
  id?: string
  on?: string
  node?: string
  direction?: Direction | 'both'
  match?: Match
  share?: string | number
  existing?: Existing
  mode?: 'inject' | 'shadow'
  ttl?: string | number
  seed?: number
  [param: string]: unknown
}

/** A fault with every field decoded: times in milliseconds, shares as fractions, defaults filled in. */
export interface Fault {
  type: FaultType
  id: string | undefined
  on: string | undefined
  node: string | undefined
  direction: Direction | 'both'
  match: Match | undefined
  share: number
  existing: Existing
  mode: 'inject' | 'shadow'
  /** Milliseconds; Infinity for `never`; undefined when nobody said. */
  ttl: number | undefined
  seed: number | undefined
  params: Record<string, unknown>
  /** The fault as it was written. */
  spec: FaultSpec
}

const envelope = {
  type: Type.String({ description: 'the type of fault' }),
  id: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', wanted: 'a name of letters, digits, dot, dash and underscore', description: 'name of this fault on its proxy; given if left out' })),
  on: Type.Optional(Type.String({ minLength: 1, description: 'the proxy; `sidecar/proxy` for one of another sidecar' })),
  node: Type.Optional(Type.String({ minLength: 1, description: 'only connections to this node of the upstream' })),
  direction: Type.Optional(OneOf(['upstream', 'downstream', 'both'], { description: 'which way bytes travel: upstream is from the client to the node (stream faults only)' })),
  match: Type.Optional(MatchSchema),
  share: Type.Optional(Share({ description: 'share of requests (http) or connections (stream) it hits', default: '100%' })),
  existing: Type.Optional(OneOf(['affect', 'reset', 'drain', 'ignore'], { description: 'what happens to connections that are open when the fault begins' })),
  mode: Type.Optional(OneOf(['inject', 'shadow'], { description: '`shadow` counts what would be hit and touches nothing', default: 'inject' })),
  ttl: Type.Optional(Type.Union([Type.Literal('never'), Duration()], { description: 'how long it lives; 5m when set by hand', wanted: 'a duration such as 60s, or never' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff, description: 'seed of its decisions; derived from the proxy\'s seed and the id if left out' }))
} satisfies Record<string, TSchema>

/** The envelope's own keys; every other key of a fault is a parameter of its type. */
export const ENVELOPE_KEYS: readonly string[] = Object.keys(envelope)

const schemas = new Map<string, TObject>()

/** Schema of a whole fault of one type: envelope and parameters. */
export function faultSchema (type: FaultType): TObject {
  let schema = schemas.get(type.type)
  if (schema === undefined) {
    const { direction, match, ...common } = envelope
    schema = Strict({
      ...common,
      type: Type.Literal(type.type, { description: type.doc.summary }),
      ...(type.layer === 'stream' ? { direction } : { match }),
      ...type.params.properties
    }, { description: type.doc.summary }) as unknown as TObject
    schemas.set(type.type, schema)
  }
  return schema
}

/**
 * A fault from what a person wrote. `base` is the path that errors name (`faults.0`).
 * Throws PMT_ERR_FAULT_UNKNOWN for an unknown type and PMT_ERR_INVALID for everything that does not fit.
 */
export function decodeFault (written: unknown, base = ''): Fault {
  const join = (key: string): string => base === '' ? key : `${base}.${key}`
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'not a fault', path: base, found: written, wanted: 'a mapping with `type` and its parameters' })
  }
  const name: unknown = (written as FaultSpec).type
  const type = faultTypes.get(name as string)
  if (type === undefined) {
    const known = [...faultTypes.keys()]
    const near = typeof name === 'string' ? nearest(name, known) : undefined
    throw new PremortemError('PMT_ERR_FAULT_UNKNOWN', {
      path: join('type'),
      found: name ?? 'nothing',
      wanted: `one of ${known.join(', ')}`,
      hint: near === undefined ? undefined : `did you mean \`${near}\`?`
    })
  }
  const layerKey = type.layer === 'http' ? 'direction' : 'match'
  if ((written as FaultSpec)[layerKey] !== undefined) {
    throw new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: `\`${layerKey}\` does not go with ${type.type}, a fault of the ${type.layer} layer`,
      path: join(layerKey),
      found: (written as FaultSpec)[layerKey],
      wanted: type.layer === 'http' ? '`at` or `when`, where the type has them' : 'an http fault, or no match'
    })
  }
  // A caller in TypeScript may set what it leaves out to undefined.
  const given = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))
  const all = decode(faultSchema(type), given, base) as Record<string, unknown>
  if (all.ttl === 0 || (typeof all.ttl === 'number' && all.ttl > LONGEST_TTL)) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'not a time to live', path: join('ttl'), found: (written as FaultSpec).ttl, wanted: 'a duration above 0 and up to 365d, or never'
    })
  }
  const params = Object.fromEntries(Object.keys(type.params.properties).filter((key) => key in all).map((key) => [key, all[key]]))
  return {
    type,
    id: all.id as string | undefined,
    on: all.on as string | undefined,
    node: all.node as string | undefined,
    direction: (all.direction as Fault['direction'] | undefined) ?? (type.layer === 'stream' ? type.direction : 'both'),
    match: all.match as Match | undefined,
    share: (all.share as number | undefined) ?? 1,
    existing: (all.existing as Existing | undefined) ?? type.existing ?? 'affect',
    mode: (all.mode as Fault['mode'] | undefined) ?? 'inject',
    ttl: all.ttl === 'never' ? Infinity : all.ttl as number | undefined,
    seed: all.seed as number | undefined,
    params,
    spec: written as FaultSpec
  }
}
