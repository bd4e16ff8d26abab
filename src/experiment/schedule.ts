import type { Cancel, Clock } from '../kernel/clock.ts'
import { toPremortemError } from '../kernel/errors.ts'
import type { EventBus } from '../kernel/events.ts'
import type { Logger } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import { formatDuration } from '../kernel/units.ts'
import { OWNER } from './allowed.ts'
import type { Times } from './cron.ts'
import type { RunOutcome } from './result.ts'
import type { Runs } from './runs.ts'

/** An experiment that is to be run again and again. */
export interface ScheduledExperiment {
  name: string
  /** As written, and the zone that it is read in. */
  cron: string
  zone: string
  times: Times
  /** Its file, read anew each time. */
  experiment: string
  /** It begins at random up to so many milliseconds later. */
  jitter: number
  enabled: boolean
}

/** What became of a time that came. Times are ISO 8601. */
export interface Occurrence {
  due: string
  /** `skipped`: something stood against it; `failed`: it could not start. */
  kind: 'started' | 'skipped' | 'failed'
  run: string | null
  /** null while the run is in progress. */
  outcome: RunOutcome | null
  /** Why it was skipped or failed. */
  reason: string | null
}

/** A scheduled experiment as it is shown: plain data. */
export interface ScheduleView extends Omit<ScheduledExperiment, 'times'> {
  /** When it begins next, the random delay included; null if it does not. */
  nextAt: string | null
  /** The next three times, before any delay. */
  upcoming: string[]
  last: Occurrence | null
  started: number
  skipped: number
  failed: number
}

/** What a scheduler needs. `load` gives the document in a file, as `Runs.start` takes it. */
export interface SchedulerDeps {
  clock: Clock
  log: Logger
  events: EventBus
  random: Random
  runs: Pick<Runs, 'start' | 'result'>
  load: (file: string) => Promise<unknown>
}

/** How long a wait is at most before the wall clock is looked at again, in milliseconds: it may have been set. */
const LOOK = 30_000

/** How much later than due a run still begins, and by how much a wall clock may be off without being said to be set. */
const GRACE = 60_000

/** How many times are told ahead. */
const AHEAD = 3

/** Refusals that are no failures: something stands against the run, now. */
const IN_THE_WAY: readonly string[] = ['PMT_ERR_HALTED', 'PMT_ERR_RUN_BUSY', 'PMT_ERR_WINDOW', 'PMT_ERR_BUDGET']

/** When a due time comes, and when the run begins: in milliseconds since the epoch. */
interface Next { due: number, at: number }

interface Entry {
  experiment: ScheduledExperiment
  random: Random
  next: Next | null
  cancel: Cancel
  /** Both clocks when it was last looked at them. */
  seen: { now: number, wall: number }
  busy: boolean
  last: Occurrence | null
  counts: { started: number, skipped: number, failed: number }
}

/**
 * Starts experiments at their times. One that is due while its last run goes on, while another run is on its proxies, or
 * while premortem is halted, is skipped and told; so is a time that passed while this process or its machine slept.
 */
export class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #entries: Entry[]
  #running = false

  constructor (experiments: readonly ScheduledExperiment[], deps: SchedulerDeps) {
    this.#deps = deps
    this.#entries = experiments.map((experiment) => ({
      experiment,
      random: deps.random.fork(experiment.name),
      next: null,
      cancel: () => {},
      seen: { now: 0, wall: 0 },
      busy: false,
      last: null,
      counts: { started: 0, skipped: 0, failed: 0 }
    }))
  }

  start (): void {
    if (this.#running) return
    this.#running = true
    for (const entry of this.#entries) {
      if (entry.experiment.enabled) this.#plan(entry, this.#deps.clock.wall())
    }
  }

  /** Starts nothing any more. Runs in progress are not its business. */
  stop (): void {
    this.#running = false
    for (const entry of this.#entries) {
      entry.cancel()
      entry.next = null
    }
  }

  views (): ScheduleView[] {
    const wall = this.#deps.clock.wall()
    return this.#entries.map(({ experiment: { times, ...told }, next, last, counts }) => ({
      ...told,
      nextAt: next === null ? null : iso(next.at),
      upcoming: told.enabled ? upcomingOf(times, wall) : [],
      last: last === null ? null : { ...last },
      ...counts
    }))
  }

  /** Waits for the first time after a moment. */
  #plan (entry: Entry, moment: number): void {
    const { times, jitter } = entry.experiment
    const due = times.after(moment)
    entry.next = due === null ? null : { due, at: due + Math.floor(entry.random.next() * jitter) }
    this.#wait(entry)
  }

  #wait (entry: Entry): void {
    const { clock } = this.#deps
    entry.cancel()
    entry.seen = { now: clock.now(), wall: clock.wall() }
    if (entry.next === null) return
    const left = entry.next.at - entry.seen.wall
    entry.cancel = clock.after(Math.min(Math.max(left, 0), LOOK), () => this.#look(entry))
  }

  #look (entry: Entry): void {
    const { clock } = this.#deps
    const wall = clock.wall()
    const { due, at } = entry.next!
    const setBack = (clock.now() - entry.seen.now) - (wall - entry.seen.wall)
    // It was set back by more than a correction: the times between then and now come again.
    if (setBack > GRACE) return this.#plan(entry, wall)
    if (wall < at) return this.#wait(entry)
    // Not from the wall clock alone, or a correction of it would bring the same time twice.
    this.#plan(entry, Math.max(due, wall))
    const late = wall - at
    if (late > GRACE) this.#skip(entry, due, `it came ${formatDuration(late)} late: this process slept, or the clock was set`)
    else if (entry.busy) this.#skip(entry, due, `its last run${entry.last?.run == null ? '' : `, ${entry.last.run},`} is still in progress`)
    else void this.#run(entry, due)
  }

  // Never rejects.
  async #run (entry: Entry, due: number): Promise<void> {
    const { experiment: { name, experiment } } = entry
    const { runs, load, events, log } = this.#deps
    entry.busy = true
    try {
      const document = await load(experiment)
      if (!this.#running) return
      // The configuration names the file, so it is its owner's, and what it runs as well.
      const { id } = await runs.start(document, { allowed: OWNER })
      const last: Occurrence = { due: iso(due), kind: 'started', run: id, outcome: null, reason: null }
      entry.last = last
      entry.counts.started++
      // As if it had been asked for over the API, which audits what it starts.
      const audit = { method: 'POST', path: '/v1/runs', client: 'schedule', status: 202, schedule: name, run: id }
      log.info(audit, 'changed')
      events.publish('audit', audit)
      events.publish('schedule.started', { schedule: name, due: last.due, run: id })
      const { outcome, exitCode } = await runs.result(id)
      last.outcome = outcome
      log.info({ schedule: name, run: id, outcome }, 'a scheduled run ended')
      events.publish('schedule.ended', { schedule: name, run: id, outcome, exitCode })
    } catch (error) {
      this.#refused(entry, due, error)
    } finally {
      entry.busy = false
    }
  }

  #refused (entry: Entry, due: number, thrown: unknown): void {
    if (!this.#running) return
    const error = toPremortemError(thrown)
    if (IN_THE_WAY.includes(error.code)) return this.#skip(entry, due, error.message)
    const { events, log } = this.#deps
    const schedule = entry.experiment.name
    const { file, line, found } = error.details
    const where = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
    const what = typeof found === 'string' ? `; found ${found}` : ''
    entry.last = { due: iso(due), kind: 'failed', run: null, outcome: null, reason: `${error.code}: ${error.message}${what}${where}` }
    entry.counts.failed++
    log.error({ err: error, schedule }, 'a scheduled run could not start')
    events.publish('schedule.failed', { schedule, due: entry.last.due, error: error.toJSON() })
  }

  #skip (entry: Entry, due: number, reason: string): void {
    const { events, log } = this.#deps
    const schedule = entry.experiment.name
    // What is in progress stays to be seen.
    if (entry.last === null || entry.last.run === null || entry.last.outcome !== null) {
      entry.last = { due: iso(due), kind: 'skipped', run: null, outcome: null, reason }
    }
    entry.counts.skipped++
    log.warn({ schedule, due: iso(due), reason }, 'a scheduled run was skipped')
    events.publish('schedule.skipped', { schedule, due: iso(due), reason })
  }
}

function upcomingOf (times: Times, wall: number): string[] {
  const found: string[] = []
  for (let moment: number | null = times.after(wall); moment !== null && found.length < AHEAD; moment = times.after(moment)) {
    found.push(iso(moment))
  }
  return found
}

const iso = (moment: number): string => new Date(moment).toISOString()
