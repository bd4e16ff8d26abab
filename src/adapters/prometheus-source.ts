import type { RunningSource } from '../experiment/ports.ts'
import type { CounterSource, QuerySource } from '../experiment/sources.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { formatDuration } from '../kernel/units.ts'
import type { SampleObserver } from '../measure/sampling.ts'
import { Counters, counterQuery } from './counters.ts'
import { Schedule } from './open-loop.ts'
import { startProbeLoop } from './probe-loop.ts'
import type { PrometheusClient, Point } from './prometheus-query.ts'

/** How many queries may be open at a time. */
const MAX_OPEN = 100

/** Asks one number at fixed times: each is a sample. No answer, no number and several of them are missing samples. */
export function startPrometheusQuery (
  spec: QuerySource, observer: SampleObserver, clock: Clock, client: PrometheusClient
): RunningSource {
  const { query, check } = spec
  return startProbeLoop({
    clock,
    spec,
    observer,
    silence: 'missing',
    timed: false,
    maxOpen: MAX_OPEN,
    probe (done) {
      const cut = new AbortController()
      client.ask(query, cut.signal).then((points) => {
        const value = onlyOf(points)
        if (typeof value === 'string') done({ result: 'missing', why: value, answered: true })
        else if (check.test(value)) done({ result: 'good', answered: true })
        else done({ result: 'bad', why: `not ${check.text}`, answered: true })
      }).catch((error: Error) => done({ result: 'missing', why: error.message, answered: false }))
      return () => cut.abort()
    },
    free: () => client.close()
  })
}

/** How long after a phase began its first reading may be made, in milliseconds. */
const SLACK = 500

/** The one number of an answer, or why there is none. */
function onlyOf (points: readonly Point[]): number | string {
  const [point, ...more] = points
  if (point === undefined) return 'the query found nothing'
  if (more.length > 0) return `the query found ${points.length} series, not one`
  return Number.isNaN(point.value) ? 'the query gave NaN' : point.value
}

/**
 * Reads two counters at fixed times and where phases begin: what was counted between two readings is so many samples. A
 * reading that fails leaves its interval to the next one, unless a phase began in between: then nobody can tell how much of
 * it was counted before, and it is missing.
 */
export function startPrometheusCounters (
  spec: CounterSource, observer: SampleObserver, clock: Clock, client: PrometheusClient
): RunningSource {
  const { name: source, every, timeout } = spec
  const query = counterQuery(spec)
  const counters = new Counters(spec.counts)
  const schedule = new Schedule(clock.now(), 1000 / every)
  const cut = new AbortController()
  let queue: Promise<void> = Promise.resolve()
  // When what is awaited began: the last reading, and each that waits behind it.
  let waiting = 0
  let lastAt: number | null = null
  let markedAt: number | null = null
  let cancel: Cancel = () => {}

  /** Whether counting goes on from here. */
  const tell = (at: number, points: readonly Point[]): boolean => {
    const startedAt = lastAt ?? at
    const said = counters.read(points)
    const straddles = markedAt !== null && at - markedAt > Math.max(every / 5, SLACK)
    if (said !== null && 'why' in said) observer.missing({ source, startedAt, why: said.why })
    else if (said !== null && straddles) observer.missing({ source, startedAt, why: 'no reading where a phase began' })
    else if (said !== null) observer.sample({ source, startedAt, endedAt: at, took: null, ...said })
    return said === null || !('why' in said && said.stays)
  }

  const read = async (): Promise<void> => {
    if (cut.signal.aborted) return
    const at = clock.now()
    try {
      if (!tell(at, await within(clock, timeout, client, query, cut.signal))) return
      lastAt = at
      markedAt = null
    } catch (error) {
      if (!cut.signal.aborted) observer.missing({ source, startedAt: at, why: (error as Error).message })
    } finally {
      waiting--
    }
  }

  const ask = (): void => {
    waiting++
    queue = queue.then(read)
  }

  const turn = (): void => {
    const now = clock.now()
    let due = false
    while (schedule.take(now) !== undefined) due = true
    // Behind one that is late, a second would read the same.
    if (due && waiting < 2) ask()
    cancel = clock.after(Math.max(1, schedule.next - clock.now()), turn)
  }
  turn()

  return {
    mark () {
      markedAt ??= clock.now()
      ask()
    },
    stop: () => cancel(),
    awaited: () => waiting === 0 ? [] : [{ source, startedAt: lastAt ?? clock.now(), counts: 'missing' }],
    async close () {
      cancel()
      cut.abort()
      await client.close()
    }
  }
}

/** An answer in time. Rejects with an Error in a few words. */
async function within (
  clock: Clock, timeout: number, client: PrometheusClient, query: string, signal: AbortSignal
): Promise<Point[]> {
  const late = new AbortController()
  const cancel = clock.after(timeout, () => late.abort())
  try {
    return await client.ask(query, AbortSignal.any([signal, late.signal]))
  } catch (error) {
    throw late.signal.aborted ? new Error(`no answer within ${formatDuration(timeout)}`) : error
  } finally {
    cancel()
  }
}
