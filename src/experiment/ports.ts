import type { ArmRule } from '../faults/arms.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import type { FaultCounters } from '../faults/plan.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { Percentiles } from '../measure/histogram.ts'
import type { Begun } from '../measure/arms.ts'
import type { Objective } from '../measure/objective.ts'
import type { Observer } from '../measure/observation.ts'
import type { Awaited, SampleObserver } from '../measure/sampling.ts'
import type { WatchReading } from '../measure/watch.ts'
import type { SourceSpec } from './sources.ts'

/** A fault that a run has applied: its id on the proxy it is on. */
export interface AppliedFault { on: string, id: string, revision: number }

/** What a run must know of a proxy. `name` is as the document writes it (`payments`, or `other/payments`). */
export interface ProxyInfo {
  name: string
  protocol: 'tcp' | 'http' | 'auto'
  nodes: string[]
  /** Whether it protects some requests, so that only http faults may be on it. */
  guarded: boolean
  /** Exchanges a second over the last ten seconds. */
  rate: number
  /** Whether it sees TLS: as bytes that pass between client and node, or as the server's end of it. */
  tls: 'none' | 'passthrough' | 'terminate'
  /** TLS handshakes a second over the last ten seconds. */
  handshakeRate: number
  /** Open connections of clients. */
  connections: number
}

/** What a fault has done: its counters, and how its delays were spread (null if none has ended). */
export interface FaultFigures { counters: FaultCounters, delays: { requested: Percentiles, achieved: Percentiles } | null }

/** What is left of a fault: whether it is active, and how many that it hit are not over. */
export interface FaultResidue { active: boolean, held: number }

/** What a fault decided of late, the newest first; `complete` is false if that is not all. `path` is empty of connections. */
export interface FaultDecisions {
  complete: boolean
  decisions: { method: string, path: string, connection: number, hit: boolean }[]
}

/** The data plane as a run sees it, here or in another sidecar. `on` and `at` are names as in `ProxyInfo`. */
export interface DataPlane {
  /** undefined if there is no such proxy. Throws PMT_ERR_SIDECAR_NOT_FOUND, PMT_ERR_SIDECAR_UNREACHABLE. */
  describe (name: string): Promise<ProxyInfo | undefined>
  /** Adds a fault that removes itself after `ttl` ms unless renewed. */
  apply (on: string, fault: FaultSpec, lease: { ttl: number, run: string, seed: number }): Promise<AppliedFault>
  /** Extends the lease to `ttl` ms from now. Throws PMT_ERR_FAULT_NOT_FOUND if it is gone. */
  renew (fault: AppliedFault, ttl: number): Promise<void>
  /** Changes parameters of a fault where it is; its lease and counters go on. Throws PMT_ERR_FAULT_NOT_FOUND if it is gone. */
  change (fault: AppliedFault, patch: Readonly<Record<string, unknown>>): Promise<void>
  /** Resolves once the data plane has confirmed that the fault is gone; no error if it already was. */
  remove (fault: AppliedFault): Promise<void>
  /** The last known figures, also after removal. */
  figures (fault: AppliedFault): Promise<FaultFigures>
  /** What it decided of late. In shadow mode `hit` is what would have been. */
  decisions (fault: AppliedFault): Promise<FaultDecisions>
  /** What is left of it now. */
  residue (fault: AppliedFault): Promise<FaultResidue>
  /** Starts counting the traffic of a proxy against objectives; with rules, also apart by the arms of the faults. */
  watch (at: string, objectives: readonly Objective[], rules?: readonly ArmRule[]): Promise<OpenWatch>
}

/** Counting in progress. */
export interface OpenWatch {
  /** Begins a phase now, by the clock of the process that measures. */
  mark (phase: string): Promise<void>
  /** `final` also counts exchanges and handshakes still open, as bad. */
  read (options?: { final?: boolean }): Promise<WatchReading>
  /** How many counted exchanges are still open. */
  open (): Promise<number>
  close (): Promise<void>
}

/** Open-loop load as the document writes it, decoded. */
export interface LoadSpec {
  url: string
  method: string
  headers: Record<string, string>
  body: string | undefined
  /** In how many users' names requests are sent, in turn: the `{user}` of its URL, headers and body; undefined for nobody's. */
  users?: number | undefined
  /** Requests a second, sent at fixed times whatever the answers do. */
  rate: number
  /** Milliseconds after which a request is given up and counted as bad. */
  timeout: number
}

/** What the generator did. Lag is how late requests were sent, in milliseconds. */
export interface LoadSummary { sent: number, unsent: number, lag: { p50: number, p99: number, max: number } }

/** A running load generator. */
export interface RunningLoad {
  /** Stops sending; open requests go on. */
  stop (): void
  /** Resolves when no request is open, or rejects with the signal's reason. */
  idle (signal?: AbortSignal): Promise<void>
  /** The open requests. */
  open (): Begun[]
  summary (): LoadSummary
  /** Cuts what is open and frees the sockets. */
  close (): Promise<void>
}

/** Starts open-loop load; every request becomes one observation at `load`, timed from its intended send time. */
export type StartLoad = (spec: LoadSpec, observer: Observer) => RunningLoad

/** A source of samples at work. */
export interface RunningSource {
  /** A phase begins: what is counted between readings is read now, so that no interval lies in two phases. */
  mark (): void
  /** Asks for nothing more; what is awaited goes on. */
  stop (): void
  /** What has begun and not ended. */
  awaited (): Awaited[]
  /** Cuts what is awaited and frees what it uses. */
  close (): Promise<void>
}

/** Starts asking a source at its fixed times. Throws PMT_ERR_INVALID if it cannot be asked at all. */
export type StartSource = (spec: SourceSpec, observer: SampleObserver) => RunningSource

/** Where a run's journal goes, line by line. Each line is on disk when `append` returns. */
export interface JournalSink {
  /** What to tell people: the run's folder. */
  readonly folder: string
  append (line: string): void
  /** Writes a file beside the journal. */
  write (name: string, text: string): void
  close (): void
}

/** What one run has spent of an error budget, or set aside until it is `settled`. `at` is when it began, ISO 8601. */
export interface WalletEntry { run: string, title: string, at: string, share: number, settled: boolean }

/** Where it is kept what runs have spent, by the name of the SLO. What is written is there when `write` returns. */
export interface WalletStore {
  /** Throws PMT_ERR_FILE_UNREADABLE. */
  read (slo: string): WalletEntry[]
  write (slo: string, entries: readonly WalletEntry[]): void
}

/** Everything a run needs from outside. */
export interface RunPorts {
  clock: Clock
  random: Random
  log: Logger
  plane: DataPlane
  startLoad: StartLoad
  startSource: StartSource
  journal: JournalSink
  /** Event-loop lag of this process since the last call, in milliseconds. */
  lag: () => { p50: number, p99: number, max: number }
}
