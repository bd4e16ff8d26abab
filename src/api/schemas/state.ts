import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { OneOf } from '../../kernel/schema.ts'
import type { Event } from '../../kernel/events.ts'
import type { HaltState } from '../../kernel/halt.ts'
import type { LoopLag } from '../../kernel/clock.ts'
import type { RunView } from '../../experiment/runs.ts'
import type { FaultView, ProxyView } from '../../proxy/view.ts'
import type { WatchReading } from '../../measure/watch.ts'
import { FaultViewSchema, ProxyViewSchema } from './proxy.ts'
import { PhaseReadingSchema, RunViewSchema } from './run.ts'
import { Moment, Nullable, component, ref } from './schema.ts'

/** Whether the panic lever is engaged. */
export interface HaltView { halted: HaltState | null }

/** Everything at a glance. */
export interface StateView {
  version: string
  /** ISO 8601. */
  startedAt: string
  /** Milliseconds. */
  uptime: number
  halted: HaltState | null
  proxies: ProxyView[]
  /** All active faults of all proxies. */
  faults: FaultView[]
  /** Of these, the ones that stay until somebody removes them. */
  staying: FaultView[]
  /** Runs in progress. */
  runs: RunView[]
  /** Since the last call, in milliseconds. */
  lag: LoopLag
}

/** Another sidecar, as the config names it. */
export interface SidecarView { name: string, url: string, reachable: boolean }

/** A type of fault as the catalogue shows it. `schema` is JSON Schema of the whole envelope. */
export interface FaultTypeView {
  type: string
  layer: string
  summary: string
  limits: string
  schema: Record<string, unknown>
  example: Record<string, unknown>
}

/** What a watch has counted, and how many exchanges of its phases are still open. */
export interface WatchView { id: string, at: string, open: number, reading: WatchReading }

const haltFields = Nullable(Type.Object({
  reason: Type.String(),
  since: Moment('when it was engaged'),
  by: OneOf(['api', 'file', 'signal'], { description: 'how: over the control API, by the HALT file, or by a signal' })
}))

/** Schema of the panic lever's position. */
export const HaltViewSchema = component<HaltView>('Halt')(Type.Object({ halted: haltFields }))

/** Schema of everything at a glance. */
export const StateViewSchema = component<StateView>('State')(Type.Object({
  version: Type.String(),
  startedAt: Moment('when this process began'),
  uptime: Type.Number({ description: 'in milliseconds' }),
  halted: haltFields,
  proxies: Type.Array(ref(ProxyViewSchema)),
  faults: Type.Array(ref(FaultViewSchema), { description: 'all active faults of all proxies' }),
  staying: Type.Array(ref(FaultViewSchema), { description: 'of these, the ones that stay until somebody removes them' }),
  runs: Type.Array(ref(RunViewSchema), { description: 'in progress' }),
  lag: Type.Object({ p50: Type.Number(), p99: Type.Number(), max: Type.Number() }, { description: 'event-loop lag since the last call, in milliseconds' })
}, { description: 'Everything at a glance' }))

/** Schema of another sidecar. */
export const SidecarViewSchema = component<SidecarView>('Sidecar')(Type.Object({
  name: Type.String(), url: Type.String(), reachable: Type.Boolean()
}, { description: 'Another sidecar, driven through this one' }))

/** Schema of a type of fault. */
export const FaultTypeViewSchema = component<FaultTypeView>('FaultType')(Type.Object({
  type: Type.String(),
  layer: Type.String(),
  summary: Type.String(),
  limits: Type.String({ description: 'what it cannot do' }),
  schema: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of the whole envelope' }),
  example: Type.Record(Type.String(), Type.Unknown())
}, { description: 'A type of fault' }))

/** Schema of what a watch has counted. */
export const WatchViewSchema = component<WatchView>('Watch')(Type.Object({
  id: Type.String(),
  at: Type.String({ description: 'the proxy' }),
  open: Type.Integer({ description: 'exchanges of its phases that are still open' }),
  reading: Type.Object({ objectives: Type.Array(Type.String()), phases: Type.Array(ref(PhaseReadingSchema)) })
}, { description: 'Exact counts of a proxy\'s traffic against objectives' }))

/** Schema of one event; what `data:` holds in the stream. */
export const EventSchema: TSchema = component<Event>('Event')(Type.Object({
  id: Type.Integer({ description: 'counts up from 1' }),
  time: Moment('when'),
  type: Type.String({ description: 'dotted: fault.added, run.phase' }),
  data: Type.Record(Type.String(), Type.Unknown())
}, { description: 'Something that happened' }))
