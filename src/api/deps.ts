import type { createMetrics } from '../adapters/prometheus.ts'
import type { Sidecar, Tokens } from '../config/schema.ts'
import type { Allowed } from '../experiment/allowed.ts'
import type { DataPlane } from '../experiment/ports.ts'
import type { Runs } from '../experiment/runs.ts'
import type { Scheduler } from '../experiment/schedule.ts'
import type { Clock, LoopLag } from '../kernel/clock.ts'
import type { EventBus } from '../kernel/events.ts'
import type { Halt } from '../kernel/halt.ts'
import type { Logger } from '../kernel/log.ts'
import type { Protected } from '../proxy/protection.ts'
import type { Proxies } from '../proxy/proxies.ts'
import type { IdentitySource } from '../proxy/tls/authority-source.ts'
import type { HistoryQuery, RunSummary } from '../report/history.ts'
import type { ReportFormat } from '../report/report.ts'

/** Everything the control API needs from outside. */
export interface ApiDeps {
  proxies: Pick<Proxies, 'state' | 'get' | 'find' | 'list' | 'add' | 'replace' | 'setEnabled' | 'remove'>
  runs: Pick<Runs, 'start' | 'view' | 'list' | 'heartbeat' | 'abort' | 'alert'>
  schedule: Pick<Scheduler, 'views'>
  /** The certificates of premortem's own CA. */
  identities: IdentitySource
  /** Of this process and its sidecars: what runs and plans use. */
  plane: DataPlane
  /** What experiments that come over it may do in this process's name. */
  allowed: Allowed
  /** What the config has every proxy protect. */
  protection: Protected
  halt: Halt
  events: EventBus
  clock: Clock
  log: Logger
  metrics: ReturnType<typeof createMetrics>
  sidecars: readonly Sidecar[]
  /** With either of them, every request needs one. */
  tokens: Tokens
  /** Where it will listen; Host headers are held against it. */
  control: { host: string, port: number }
  version: string
  /** ISO 8601. */
  startedAt: string
  /** Event-loop lag since the last call, from a meter that nobody else reads. */
  lag: () => LoopLag
  /** The report of a run of this or an earlier process. Throws PMT_ERR_RUN_NOT_FOUND. */
  report: (id: string, format: ReportFormat) => Promise<string>
  /** Runs of this and earlier processes, in one line each, the newest last. */
  history: (query: HistoryQuery) => Promise<RunSummary[]>
}
