import { Type } from 'typebox'
import { CATALOGUE } from '../../faults/catalogue.ts'
import { faultSchema } from '../../faults/envelope.ts'
import type { FaultSpec } from '../../faults/envelope.ts'
import type { FaultCounters } from '../../faults/plan.ts'
import { OneOf, Strict } from '../../kernel/schema.ts'
import type { HandshakeCount } from '../../measure/handshakes.ts'
import type { Snapshot } from '../../measure/snapshot.ts'
import { ProxySchema } from '../../proxy/spec.ts'
import type { ConnectionView, FaultView, ProxyView } from '../../proxy/view.ts'
import { Moment, Nullable, component, count, ms, ref, written } from './schema.ts'

/** Schema of a fault as it was written. */
export const FaultSpecSchema = component<FaultSpec>('FaultSpec')(Type.Unsafe<FaultSpec>(
  Type.Object({ type: Type.String() }, { additionalProperties: true, description: 'A fault as it was written; GET /v1/faults has the schema of each type' })))

const counterFields = {
  eligible: count('requests or connections that fitted'),
  injected: count('of those, the ones hit; in shadow mode, that would have been hit'),
  skipped: count('of those, the ones spared by `share`, or by `replay`'),
  passed: count('of those, the ones passed over by `after`, `first`, `for`, `every`, or because `by` found nothing to go by'),
  capped: count('of those, the ones spared by `max`'),
  unfit: count('of those, the ones that the fault could do nothing to'),
  active: count('hit and not over yet'),
  existing: Type.Object({
    affect: count('affected'), reset: count('reset'), drain: count('drained'), ignore: count('left alone')
  }, { description: 'what became of the connections that were open when the fault began' }),
  delays: count('delays that ended'),
  delayRequested: ms('sum of the delays asked for'),
  delayAchieved: ms('sum of the delays achieved')
}

const PercentilesSchema = Type.Object({ p50: ms('median'), p90: ms('90th percentile'), p95: ms('95th percentile'), p99: ms('99th percentile'), max: ms('longest') })

/** Schema of how a fault's delays were spread. */
export const DelaysSchema = Nullable(Type.Object({ requested: PercentilesSchema, achieved: PercentilesSchema }, {
  description: 'how its delays were spread, asked for and achieved; null before the first has ended'
}))

/** Schema of a fault's counters. */
export const FaultCountersSchema = component<FaultCounters>('FaultCounters')(Type.Object(counterFields))

/** Schema of a fault as it is shown. */
export const FaultViewSchema = component<FaultView>('Fault')(Type.Object({
  id: Type.String(),
  on: Type.String({ description: 'the proxy' }),
  type: Type.String(),
  spec: ref(FaultSpecSchema),
  source: OneOf(['config', 'api', 'run', 'toxiproxy'], { description: 'who set it' }),
  run: Nullable(Type.String()),
  seed: Type.Integer({ description: 'of its decisions' }),
  expiresAt: Nullable(Moment('null if it stays until removed')),
  revision: count('of the plan when the fault was last set'),
  counters: Type.Object({
    ...counterFields,
    share: Nullable(Type.Object({
      achieved: Type.Number(), lower: Type.Number(), upper: Type.Number()
    }, { description: 'share that the dice hit, with exact two-sided 95 % bounds; null before the first' }))
  }),
  delays: DelaysSchema
}, { description: 'A fault on a proxy' }))

/** Schema of a proxy as it is shown. */
export const ProxyViewSchema = component<ProxyView>('Proxy')(Type.Object({
  name: Type.String(),
  listen: Type.String({ description: 'the real address, port included; of a disabled proxy, where it listened last' }),
  enabled: Type.Boolean({ description: 'whether it listens' }),
  protocol: OneOf(['tcp', 'http', 'auto']),
  upstream: Type.Array(Type.Object({ name: Type.String(), address: Type.String() })),
  balance: OneOf(['round-robin', 'least-connections']),
  tls: Type.Object({
    accept: OneOf(['none', 'passthrough', 'terminate'], { description: 'towards clients' }), originate: Type.Boolean({ description: 'whether nodes are spoken to by TLS' })
  }),
  never: Type.Array(Type.String(), { description: 'paths that no fault may touch, those of the config\'s top included' }),
  tagged: Nullable(Type.String({ description: 'the header that a request must carry before any fault may touch it' })),
  explain: Type.Boolean({ description: 'whether responses say what was decided about them' }),
  revision: count('of its plan'),
  connections: count('open now'),
  faults: Type.Array(ref(FaultViewSchema))
}, { description: 'A listener in front of an upstream' }))

/** Schema of an open connection as it is shown. */
export const ConnectionViewSchema = component<ConnectionView>('Connection')(Type.Object({
  id: Type.Integer(),
  client: Type.String(),
  node: Type.String(),
  openedAt: Moment('when the client connected'),
  state: Type.String(),
  bytesIn: count('from the client'),
  bytesToNode: count('of those, the ones sent on'),
  bytesFromNode: count('from the node, on their way to the client'),
  bytesOut: count('to the client'),
  exchanges: count(),
  faults: Type.Array(Type.String(), { description: 'ids of the stream faults at work on it' })
}, { description: 'An open connection' }))

/** Schema of how many handshakes came to the same. */
export const HandshakeCountSchema = component<HandshakeCount>('HandshakeCount')(Type.Object({
  result: Type.String({ description: 'established, alert:NAME (received), sent-alert:NAME, reset, closed, closed-without-data, timeout, not-tls or failed' }),
  version: Type.String({ description: 'such as TLSv1.3; empty if unknown' }),
  resumed: Type.Boolean({ description: 'whether an earlier session was taken up again' }),
  count: count()
}))

/** Schema of a proxy's figures. */
export const SnapshotSchema = component<Snapshot>('Snapshot')(Type.Object({
  proxy: Type.String(),
  takenAt: Moment('when'),
  recent: Type.Object({
    seconds: count('how many it covers'),
    count: count(),
    rate: Type.Number({ description: 'a second' }),
    success: Type.Number({ description: 'share with a whole response below 500; 1 when there were none' }),
    handshakes: Type.Object({
      count: count(), rate: Type.Number({ description: 'a second' }), success: Type.Number({ description: 'share established; 1 when there were none' })
    }, { description: 'TLS handshakes decided lately, which count in nothing else here' }),
    p50: ms('median'),
    p90: ms('90th percentile'),
    p95: ms('95th percentile'),
    p99: ms('99th percentile'),
    max: ms('slowest')
  }, { description: 'exchanges (http) or connections (tcp) that ended lately' }),
  totals: Type.Object({
    exchanges: count(),
    connections: count('that have ended'),
    bytesIn: count('of connections that have ended'),
    bytesToNode: count('of connections that have ended'),
    bytesFromNode: count('of connections that have ended'),
    bytesOut: count('of connections that have ended'),
    statuses: Type.Object({ 0: count('no status at all'), 1: count(), 2: count(), 3: count(), 4: count(), 5: count() }),
    outcomes: Type.Unsafe<Snapshot['totals']['outcomes']>(Type.Record(Type.String(), count())),
    latency: Type.Object({
      buckets: Type.Array(count(), { description: 'how many ended within each bound of /metrics, not cumulative; the last is beyond all of them' }),
      sum: ms('sum')
    }),
    handshakes: Type.Array(ref(HandshakeCountSchema), { description: 'TLS handshakes decided, by what came of them' })
  }, { description: 'since the proxy started' }),
  open: Type.Object({ connections: count(), exchanges: count() }),
  nodes: Type.Record(Type.String(), Type.Object({ connections: count(), dialled: count(), failed: count() })),
  opaque: count('connections relayed without looking into them'),
  malformed: count(),
  tls: Type.Optional(Type.Object({ preFault: count('open connections whose handshake was before the certificate fault that is active') })),
  revision: count('of its plan')
}, { description: 'A proxy\'s figures at one moment' }))

const { name: _name, ...changeable } = ProxySchema.properties

/** Schema of the body of PUT /v1/proxies/:proxy: the config file's shape; `name` may be left out. */
export const ProxyBody = written(Strict({ ...changeable, name: Type.Optional(ProxySchema.properties.name) }, {
  description: 'A proxy as in the config file; the name is that of the path'
}))

const anyOfThem = Object.fromEntries(Object.entries(changeable).map(([key, schema]) => [key, Type.Optional(schema)]))

/** Schema that a change of a proxy must fit before it is merged. */
export const ProxyPatchSchema = Strict(anyOfThem, { description: 'What changes; everything else stays' })

/** Schema of the body of PATCH /v1/proxies/:proxy. */
export const ProxyPatchBody = written(ProxyPatchSchema)

/** Schema of the body of POST .../faults: the envelope and the parameters of one type, without `on`. */
export const FaultBody = written(Type.Union(CATALOGUE.map((type) => {
  const { on: _on, ...properties } = faultSchema(type).properties
  return Strict(properties, { title: type.type, description: type.doc.summary })
}), { description: 'A fault; `on` is the proxy of the path' }))

/** Schema of the body of PATCH .../faults/:fault. */
export const FaultPatchBody = written(Type.Object({}, {
  additionalProperties: true,
  description: 'Fields of the fault that change; the rest stays, counters go on. `ttl` starts the lease again, and nothing but `ttl` renews it',
  examples: [{ ttl: '30s' }, { share: '50%' }]
}))
