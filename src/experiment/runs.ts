import type { Cancel, Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { EventBus } from '../kernel/events.ts'
import type { Halt } from '../kernel/halt.ts'
import type { Logger } from '../kernel/log.ts'
import { createRandom, freshSeed } from '../kernel/random.ts'
import type { ReceivedAlert } from './alerts.ts'
import type { Allowed } from './allowed.ts'
import { Control } from './control.ts'
import { decodeExperiment } from './document.ts'
import type { Experiment } from './document.ts'
import { createRunId } from './journal.ts'
import { requirePlan } from './plan.ts'
import type { DataPlane, JournalSink, RunPorts, StartLoad, StartSource, WalletStore } from './ports.ts'
import type { RunOutcome, RunResult } from './result.ts'
import { rehearse } from './rehearsal.ts'
import { runExperiment } from './run.ts'
import { Scribe } from './scribe.ts'
import { Wallets } from './wallet.ts'
import { allowedAt, checkWindows } from './windows.ts'
import type { Window } from './windows.ts'

/** How many ended runs are kept in memory; their folders stay. */
const KEPT = 100

/** The live figures of a run's phase. `good` is a share. */
export interface LiveReading {
  n: number
  rate: number
  /** null if no objective is about handshakes. */
  handshakes: { n: number, rate: number } | null
  objectives: { objective: string, n: number, bad: number, good: number }[]
}

/** A run as it is shown: plain data. Times are ISO 8601. */
export interface RunView {
  id: string
  title: string
  state: 'running' | 'ended'
  phase: string | null
  phaseEndsAt: string | null
  startedAt: string
  live: LiveReading | null
  outcome: RunOutcome | null
  exitCode: number | null
  folder: string
  seed: number
  result: RunResult | null
}

/** What the registry needs. `seed` gives one for each run that names none. */
export interface RunsDeps {
  clock: Clock
  log: Logger
  events: EventBus
  halt: Halt
  plane: DataPlane
  startLoad: StartLoad
  startSource: StartSource
  lag: RunPorts['lag']
  openJournal: (id: string) => JournalSink
  wallets: WalletStore
  seed: () => number
  /** When runs may take place, whatever their documents say; at any time if empty. */
  windows?: readonly Window[] | undefined
}

/** What may be asked of a run beside its document. */
export interface StartOptions {
  seed?: number | undefined
  /** For how many ms it goes on without a heartbeat. */
  lease?: number | undefined
  /** Why it may run outside its windows. */
  outsideWindow?: string | undefined
  /** Whether it is a rehearsal: every fault in shadow mode. */
  shadow?: boolean | undefined
  /** What it may do in this process's name; nothing if left out. */
  allowed?: Allowed
}

interface Entry {
  view: RunView
  control: Control
  /** The proxies it touches: where its faults are and where it measures. */
  touches: ReadonlySet<string>
  /** Whether it may share them. */
  concurrent: boolean
  /** Which runs were on the same proxies meanwhile, in words. */
  beside: string[]
  lease: number | undefined
  scribe: Scribe
  alerts: ReceivedAlert[]
  cancelLease: Cancel
  done: Promise<RunResult>
  /** Called when the end has been seen by somebody. */
  seen: () => void
}

/** Every run of this process, in progress and ended. */
export class Runs {
  readonly #deps: RunsDeps
  readonly #wallets: Wallets
  readonly #entries = new Map<string, Entry>()
  #stopped = false

  constructor (deps: RunsDeps) {
    this.#deps = deps
    this.#wallets = new Wallets(deps.wallets)
    deps.halt.onEngage(({ reason }) => this.#endAll('aborted', `halted: ${reason}`))
  }

  /**
   * Starts a run and returns at once. With `lease`, it is interrupted when no heartbeat comes for so many ms. Throws
   * the errors of `decodeExperiment` and `requirePlan`, PMT_ERR_HALTED, PMT_ERR_WINDOW, PMT_ERR_RUN_BUSY, PMT_ERR_BUDGET,
   * PMT_ERR_JOURNAL and PMT_ERR_FILE_UNREADABLE.
   */
  async start (written: unknown, options: StartOptions = {}): Promise<RunView> {
    const { seed, lease, allowed } = options
    const { clock, log, halt, plane, startLoad, startSource, lag } = this.#deps
    halt.check()
    const decoded = decodeExperiment(written)
    const experiment = options.shadow === true ? rehearse(decoded) : decoded
    const planned = await requirePlan(experiment, plane, allowed)
    const plan = { ...planned, notes: [...this.#windowNotes(experiment, planned.duration, options), ...planned.notes] }
    // Again, for planning waits; from here on nothing does until the run is in the registry.
    halt.check()
    if (this.#stopped) throw new PremortemError('PMT_ERR_STATE', { message: 'premortem is stopping and starts no run' })
    const touches = new Set([experiment.at, ...experiment.faults.map(({ on }) => on!)])
    const neighbours = this.#neighbours(touches, experiment.concurrent)
    const random = createRandom(seed ?? this.#deps.seed())
    const id = this.#freeId()
    const spentBefore = this.#reserve(experiment, id)
    const journal = this.#openJournal(experiment, id)
    const control = new Control()
    const view = viewOf(id, experiment, journal.folder, random.seed, clock)
    const publish = (type: string, data: Record<string, unknown>): void => this.#follow(view, type, data)
    const scribe = new Scribe({ clock, log, journal, control, publish })
    const beside = neighbours.map((other) => besideWords(other.view, touches, other.touches))
    const alerts: ReceivedAlert[] = []
    const ports = { clock, random, log: log.child({ run: id }), plane, startLoad, startSource, journal, lag }
    // It begins in the next microtask, when whoever hears of it finds it in the registry.
    const context = { id, experiment, ports, control, scribe, alerts, spentBefore, beside }
    const done = Promise.resolve().then(() => runExperiment(context, plan)).then((result) => {
      entry.cancelLease()
      this.#settle(experiment, id, result.budget?.share ?? 0)
      const { outcome, exitCode, reasons } = result
      Object.assign(view, { state: 'ended', phase: null, phaseEndsAt: null, live: null, outcome, exitCode, result })
      this.#forget()
      scribe.announce('run.ended', { outcome, exitCode, reasons })
      return result
    })
    for (const other of neighbours) other.beside.push(besideWords(view, touches, other.touches))
    const { concurrent } = experiment
    const told = { beside, alerts, scribe, cancelLease: () => {}, seen: () => {} }
    const entry: Entry = { view, control, touches, concurrent, lease, done, ...told }
    this.#entries.set(id, entry)
    this.#awaitHeartbeat(entry)
    return { ...view }
  }

  #reserve ({ budget, title }: Experiment, id: string): number {
    return budget === undefined ? 0 : this.#wallets.reserve(budget, id, title, this.#deps.clock.wall())
  }

  #openJournal (experiment: Experiment, id: string): JournalSink {
    try {
      return this.#deps.openJournal(id)
    } catch (error) {
      this.#settle(experiment, id, 0)
      throw error
    }
  }

  // What was set aside stays so when this fails, and is never less than what was spent by much.
  #settle ({ budget }: Experiment, id: string, share: number): void {
    if (budget === undefined) return
    try {
      this.#wallets.settle(budget.slo, id, share)
    } catch (error) {
      this.#deps.log.error({ err: error, run: id }, 'what the run has spent could not be written down')
    }
  }

  /** Throws PMT_ERR_RUN_NOT_FOUND. */
  view (id: string): RunView {
    const { view, seen } = this.#entry(id)
    if (view.state === 'ended') seen()
    return { ...view }
  }

  /** The newest last. */
  list (): RunView[] {
    return [...this.#entries.values()].map(({ view }) => ({ ...view }))
  }

  /** Resolves when the run has ended. Throws PMT_ERR_RUN_NOT_FOUND. */
  async result (id: string): Promise<RunResult> {
    return this.#entry(id).done
  }

  /** Tells that whoever started the run is still there. Throws PMT_ERR_RUN_NOT_FOUND. */
  heartbeat (id: string): RunView {
    this.#awaitHeartbeat(this.#entry(id))
    return this.view(id)
  }

  /**
   * Ends a run; its faults are removed, and its result says why. One that has ended stays as it is.
   * Throws PMT_ERR_RUN_NOT_FOUND.
   */
  abort (id: string, reason: string, outcome: 'aborted' | 'interrupted' = 'aborted'): RunView {
    const { view, control } = this.#entry(id)
    if (view.state === 'running') control.end(outcome, reason)
    return this.view(id)
  }

  /**
   * Tells a run, or every run in progress (`current`), that these alerts of the user's monitoring were received just now; those
   * that have ended take none any more. How many runs took them. Throws PMT_ERR_RUN_NOT_FOUND.
   */
  alert (id: string, titles: readonly string[]): number {
    const told = (id === 'current' ? [...this.#entries.values()] : [this.#entry(id)]).filter(({ view }) => view.state === 'running')
    for (const { scribe, alerts } of told) {
      for (const title of titles) {
        alerts.push({ title, at: this.#deps.clock.now() })
        scribe.tell('run.alert', { title })
      }
    }
    return told.length
  }

  /**
   * Interrupts every run, starts none any more, and waits until their faults are gone and their journals closed; then
   * `linger` ms at most for those who drive runs with heartbeats to see how they ended.
   */
  async stop ({ linger = 0 }: { linger?: number } = {}): Promise<void> {
    this.#stopped = true
    const driven = [...this.#entries.values()].filter(({ view, lease }) => view.state === 'running' && lease !== undefined)
    const seen = Promise.all(driven.map((entry) => new Promise<void>((resolve) => { entry.seen = resolve })))
    this.#endAll('interrupted', 'premortem is stopping')
    await Promise.allSettled([...this.#entries.values()].map(({ done }) => done))
    if (driven.length === 0 || linger === 0) return
    const over = new AbortController()
    await Promise.race([seen, this.#deps.clock.sleep(linger, over.signal).catch(() => {})])
    over.abort()
  }

  #endAll (outcome: RunOutcome, reason: string): void {
    for (const { view, control } of this.#entries.values()) {
      if (view.state === 'running') control.end(outcome, reason)
    }
  }

  #entry (id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new PremortemError('PMT_ERR_RUN_NOT_FOUND', { message: `no such run: ${id}`, found: id })
    return entry
  }

  /** Two runs on one proxy would each measure the other's faults, so both must say that they may. */
  #neighbours (touches: ReadonlySet<string>, concurrent: boolean): Entry[] {
    const neighbours = [...this.#entries.values()].filter(({ view, touches: taken }) => view.state === 'running' && shared(touches, taken).length > 0)
    const refused = neighbours.find((other) => !concurrent || !other.concurrent)
    if (refused === undefined) return neighbours
    const { view, touches: taken } = refused
    throw new PremortemError('PMT_ERR_RUN_BUSY', {
      message: `run ${view.id} is in progress on ${shared(touches, taken).join(', ')}`,
      found: view.id,
      wanted: 'proxies that no run is using, or `concurrent: allow` in both documents'
    })
  }

  #windowNotes ({ windows }: Experiment, duration: number, { outsideWindow }: StartOptions): string[] {
    const lists = [this.#deps.windows ?? [], windows]
    const now = this.#deps.clock.wall()
    if (outsideWindow === undefined) checkWindows(lists, now, duration)
    return outsideWindow === undefined || allowedAt(lists, now, duration).now ? [] : [`OUTSIDE ITS WINDOW this run took place, because: ${outsideWindow}`]
  }

  // Not from the run's seed: two runs with one seed are still two.
  #freeId (): string {
    const random = createRandom(freshSeed())
    for (;;) {
      const id = createRunId(this.#deps.clock.wall(), random)
      if (!this.#entries.has(id)) return id
    }
  }

  #awaitHeartbeat (entry: Entry): void {
    const { lease, control } = entry
    entry.cancelLease()
    if (lease === undefined || entry.view.state === 'ended') return
    entry.cancelLease = this.#deps.clock.after(lease, () => {
      control.end('interrupted', `the controller is gone: no heartbeat for ${lease / 1000} s`)
    })
  }

  #follow (view: RunView, type: string, data: Record<string, unknown>): void {
    if (type === 'run.phase') Object.assign(view, { phase: data.phase, phaseEndsAt: data.endsAt, live: null })
    if (type === 'run.live') view.live = { n: data.n, rate: data.rate, handshakes: data.handshakes, objectives: data.objectives } as LiveReading
    this.#deps.events.publish(type, { run: view.id, ...data })
  }

  #forget (): void {
    const old = [...this.#entries.values()].filter(({ view }) => view.state === 'ended').slice(0, -KEPT)
    for (const { view } of old) this.#entries.delete(view.id)
  }
}

function viewOf (id: string, { title }: Experiment, folder: string, seed: number, clock: Clock): RunView {
  const startedAt = new Date(clock.wall()).toISOString()
  return {
    id, title, state: 'running', phase: null, phaseEndsAt: null, startedAt, live: null, outcome: null, exitCode: null, folder, seed, result: null
  }
}

const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] => [...a].filter((name) => b.has(name))

function besideWords ({ id, title }: RunView, touches: ReadonlySet<string>, taken: ReadonlySet<string>): string {
  return `the run ${id} (${title}) was on ${shared(touches, taken).join(', ')} at the same time: what its faults did is in these figures`
}
