import { Type } from 'typebox'
import type { TObject, TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { PremortemError } from '../kernel/errors.ts'
import { LongDuration, OneOf, Share, Strict, decode, nearest } from '../kernel/schema.ts'
import { aliases, faultTypes } from './catalogue.ts'
import type { Direction, Existing, FaultType, HttpFaultType } from './fault.ts'
import { BY_PATTERN } from './by.ts'
import { ConnectionMatchSchema, HandshakeMatchSchema, MatchSchema, compileMatch } from './match.ts'
import type { Match } from './match.ts'

/** How long a fault set by hand lives when nobody says, in milliseconds. */
export const DEFAULT_TTL = 300_000

/** Who means longer means `never`; and the end of a longer one may be past what a date can say. */
const LONGEST_TTL = 365 * 86_400_000

/** A handshake is over when a fault on handshakes begins, so open connections are kept, drained or cut. */
const HANDSHAKE_WORDS = { keep: 'ignore', cut: 'reset' } as const

const handshakeExisting = Type.Optional(OneOf(['keep', 'drain', 'cut', 'ignore', 'reset'], {
  description: 'what happens to connections that are open when the fault begins: `keep` (or `ignore`), `drain`, `cut` (or `reset`)'
}))

/** A fault as people write it: the envelope's fields and the type's own parameters side by side. */
export interface FaultSpec {
  type: string
  id?: string
  on?: string
  node?: string
  direction?: Direction | 'both'
  match?: Match
  share?: string | number
  by?: string
  select?: { after?: number, first?: number, for?: number, every?: number }
  max?: { concurrent?: number, total?: number }
  replay?: number[]
  existing?: Existing | keyof typeof HANDSHAKE_WORDS
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
  /** What keeps an arm: `client`, `sni`, `header:NAME` or `cookie:NAME`. */
  by: string | undefined
  /** Which of those that fit, by their ordinals. */
  select: { after?: number, first?: number, for?: number, every?: number }
  max: { concurrent?: number, total?: number } | undefined
  /** The ordinals that are hit, in place of `share`. */
  replay: readonly number[] | undefined
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
  share: Type.Optional(Share({ description: 'share of requests (http), connections (stream) or handshakes (tls) it hits', default: '100%' })),
  by: Type.Optional(Type.String({ pattern: BY_PATTERN, wanted: 'client, sni, trace, header:NAME or cookie:NAME', description: 'sticky share: the same client, name asked for, trace (W3C), header or cookie is always in the same arm; who has none is spared' })),
  select: Type.Optional(Strict({
    after: Type.Optional(Type.Integer({ minimum: 0, description: 'how many that fit are passed over first' })),
    first: Type.Optional(Type.Integer({ minimum: 1, description: 'only so many that fit, from the first, or from where `after` ends' })),
    for: Type.Optional(Type.Integer({ minimum: 1, description: 'the same as `first`, to be read with `after`: after 10, for 5' })),
    every: Type.Optional(Type.Integer({ minimum: 1, description: 'every so manieth that fits: 3 is the third, the sixth and so on' }))
  }, { description: 'which of those that fit, by their order', wanted: 'a mapping with after, first, for, every' })),
  max: Type.Optional(Strict({
    concurrent: Type.Optional(Type.Integer({ minimum: 1, description: 'how many it hits at a time' })),
    total: Type.Optional(Type.Integer({ minimum: 1, description: 'how many it hits in all' }))
  }, { description: 'limits of whom it hits', wanted: 'a mapping with concurrent, total' })),
  replay: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { wanted: 'a list of ordinals, such as [3, 7]', description: 'which of those that fit are hit, by ordinal, in place of `share`; GET …/decisions has them' })),
  existing: Type.Optional(OneOf(['affect', 'reset', 'drain', 'ignore'], { description: 'what happens to connections that are open when the fault begins' })),
  mode: Type.Optional(OneOf(['inject', 'shadow'], { description: '`shadow` counts what would be hit and touches nothing', default: 'inject' })),
  ttl: Type.Optional(Type.Union([Type.Literal('never'), LongDuration()], { description: 'how long it lives; 5m when set by hand', wanted: 'a duration such as 60s, or never' })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff, description: 'seed of its decisions; derived from the proxy\'s seed and the id if left out' }))
} satisfies Record<string, TSchema>

/** The envelope's own keys; every other key of a fault is a parameter of its type. */
export const ENVELOPE_KEYS: readonly string[] = Object.keys(envelope)

const schemas = new Map<string, TObject>()

/** Schema of a whole fault of one type: envelope and parameters. */
export function faultSchema (type: FaultType): TObject {
  let schema = schemas.get(type.type)
  if (schema === undefined) {
    const { direction, match, existing, ...common } = envelope
    const layers = {
      stream: { direction, match: Type.Optional(ConnectionMatchSchema), existing },
      http: { match, existing },
      tls: { match: Type.Optional(HandshakeMatchSchema), existing: handshakeExisting }
    }
    schema = Strict({
      ...common,
      type: Type.Literal(type.type, { description: type.doc.summary }),
      ...layers[type.layer],
      ...type.params.properties
    }, { description: type.doc.summary }) as unknown as TObject
    schemas.set(type.type, schema)
  }
  return schema
}

/** The fields of a type that are lists, each with the schema of its items. */
export function listFields (type: FaultType): [key: string, item: TSchema][] {
  return Object.entries(faultSchema(type).properties as Record<string, TSchema & { type?: string, items?: TSchema }>)
    .flatMap(([key, { type: kind, items }]) => kind === 'array' && items !== undefined ? [[key, items]] : [])
}

/** Whether a value in place of a list, or of an item of this schema in it, names a file with the values: `@FILE`. */
export function namesFile (value: unknown, item: TSchema): value is string {
  return typeof value === 'string' && value.startsWith('@') && !Check(item, value)
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
  const alias = aliases.get(name as string)
  if (alias !== undefined) return decodeFault({ ...alias, ...definedOf(written), type: alias.type }, base)
  const type = faultTypes.get(name as string)
  if (type === undefined) {
    const known = [...faultTypes.keys()]
    const near = typeof name === 'string' ? nearest(name, [...known, ...aliases.keys()]) : undefined
    throw new PremortemError('PMT_ERR_FAULT_UNKNOWN', {
      path: join('type'),
      found: name ?? 'nothing',
      wanted: `one of ${known.join(', ')}`,
      hint: near === undefined ? undefined : `did you mean \`${near}\`?`
    })
  }
  checkLayer(type, written as FaultSpec, join)
  const given = definedOf(written)
  refuseFiles(type, given, join)
  const all = decode(faultSchema(type), given, base) as Record<string, unknown>
  if (all.ttl === 0 || (typeof all.ttl === 'number' && all.ttl > LONGEST_TTL)) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'not a time to live', path: join('ttl'), found: (written as FaultSpec).ttl, wanted: 'a duration above 0 and up to 365d, or never'
    })
  }
  const params = Object.fromEntries(Object.keys(type.params.properties).filter((key) => key in all).map((key) => [key, all[key]]))
  const at = (param: string): string => join(param)
  type.check?.(params as never, at)
  const fault: Fault = {
    type,
    id: all.id as string | undefined,
    on: all.on as string | undefined,
    node: all.node as string | undefined,
    direction: (all.direction as Fault['direction'] | undefined) ?? (type.layer === 'stream' ? type.direction : 'both'),
    match: all.match as Match | undefined,
    share: (all.share as number | undefined) ?? 1,
    by: all.by as string | undefined,
    select: (all.select as Fault['select'] | undefined) ?? {},
    max: all.max as Fault['max'],
    replay: all.replay as number[] | undefined,
    existing: existingOf(type, all, params),
    mode: (all.mode as Fault['mode'] | undefined) ?? 'inject',
    ttl: all.ttl === 'never' ? Infinity : all.ttl as number | undefined,
    seed: all.seed as number | undefined,
    params,
    spec: written as FaultSpec
  }
  checkSelection(fault, join)
  return fault
}

// A caller in TypeScript may set what it leaves out to undefined.
const definedOf = (written: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))

/** What each layer can tell those apart by that it hits. */
const MATCHED = {
  stream: { fields: ConnectionMatchSchema.properties, wanted: '`client`, which is all that a connection shows; or an http fault' },
  http: { fields: MatchSchema.properties, wanted: '`host`, or a tls fault' },
  tls: { fields: HandshakeMatchSchema.properties, wanted: '`sni` and `client`, which are all that a handshake shows; or an http fault' }
}

function existingOf (type: FaultType, all: Record<string, unknown>, params: Record<string, unknown>): Existing {
  const written = all.existing as Existing | keyof typeof HANDSHAKE_WORDS | undefined
  if (written !== undefined) return written === 'keep' || written === 'cut' ? HANDSHAKE_WORDS[written] : written
  const { existing = type.layer === 'tls' ? 'drain' : 'affect' } = type
  return typeof existing === 'function' ? existing(params as never) : existing
}

function checkLayer (type: FaultType, { direction, match }: FaultSpec, join: (key: string) => string): void {
  const refuse = (key: string, found: unknown, wanted: string): never => {
    throw new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: `\`${key}\` does not go with ${type.type}, a fault of the ${type.layer} layer`, path: join(key), found, wanted
    })
  }
  if (type.layer !== 'stream' && direction !== undefined) refuse('direction', direction, '`at` or `when`, where the type has them')
  if (typeof match !== 'object' || match === null) return
  const { fields, wanted } = MATCHED[type.layer]
  const elsewhere = Object.values(MATCHED).flatMap((layer) => Object.keys(layer.fields))
  const wrong = Object.keys(match).find((key) => !(key in fields) && elsewhere.includes(key))
  if (wrong !== undefined) refuse(`match.${wrong}`, match[wrong as keyof Match], wanted)
}

// Files are read where documents are loaded, so what still names one came from elsewhere.
function refuseFiles (type: FaultType, given: Record<string, unknown>, join: (key: string) => string): void {
  for (const [key, item] of listFields(type)) {
    const value = [given[key]].flat().find((value) => namesFile(value, item))
    if (value === undefined) continue
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'no file is read here', path: join(key), found: value, wanted: 'the values themselves, as a list', hint: 'files are read by the command line, and in files of configurations and experiments'
    })
  }
}

// What the schema cannot say of who is hit.
function checkSelection (fault: Fault, join: (key: string) => string): void {
  const { type, match, by, replay, spec } = fault
  const refuse = (key: string, message: string, found: unknown, wanted: string): never => {
    throw new PremortemError('PMT_ERR_INVALID', { message, path: join(key), found, wanted })
  }
  const matcher = compileMatch(match, join('match'))
  if (type.layer === 'stream' && by !== undefined && by !== 'client') refuse('by', 'a connection has no headers', by, 'client, or an http fault')
  if (type.layer === 'tls' && by !== undefined && by !== 'client' && by !== 'sni') refuse('by', 'a handshake has no headers', by, 'client or sni, or an http fault')
  if (type.layer === 'http' && by === 'sni') refuse('by', 'a request has no SNI of its own', by, 'client, header:host, or a tls fault')
  if (replay !== undefined && (spec.share !== undefined || by !== undefined)) refuse('replay', '`replay` stands in place of `share` and `by`', replay, 'one of them')
  if (fault.select.first !== undefined && fault.select.for !== undefined) refuse('select.for', '`first` and `for` say the same', fault.select.for, 'one of them')
  if (matcher.response !== null && (type as HttpFaultType).begin(fault.params as never).response === undefined) {
    const key = match?.status === undefined ? 'response-header' : 'status'
    refuse(`match.${key}`, `${type.type} acts before there is a response`, match?.[key], 'a fault that acts on the response, such as `when: after`')
  }
}
