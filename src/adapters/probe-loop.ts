import type { RunningSource } from '../experiment/ports.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { formatDuration } from '../kernel/units.ts'
import type { SampleObserver } from '../measure/sampling.ts'
import { Schedule } from './open-loop.ts'

/** What came of one probe. `missing`: it says nothing. `answered`: whether an answer came at all, right or wrong. */
export interface ProbeEnd { result: 'good' | 'bad' | 'missing', why?: string, answered: boolean }

/** Begins one probe, calls `done` when it has ended, and returns what cuts it. A late or second `done` is ignored. */
export type Probe = (done: (end: ProbeEnd) => void) => Cancel

/** What a loop of probes is made of. Times are milliseconds. `free` frees what the probes share. */
export interface ProbeLoopDeps {
  clock: Clock
  spec: { name: string, every: number, timeout: number }
  observer: SampleObserver
  probe: Probe
  free?: () => Promise<void>
  /** What no answer in time is: bad, where the answer is what is judged; missing, where only somebody who knows was asked. */
  silence: 'bad' | 'missing'
  /** Whether the time of an answer says something. */
  timed: boolean
  /** How many may be open at a time; what is due beyond that counts as not answered and is not sent. */
  maxOpen: number
}

interface Open { startedAt: number, cut: Cancel, cancelTimeout: Cancel }

/**
 * Probes at fixed times, whatever becomes of the ones before. Each counts from when it was due, and is exactly one sample, or
 * one that is missing.
 */
export function startProbeLoop (deps: ProbeLoopDeps): RunningSource {
  const { clock, spec, observer, probe, free = async () => {}, silence, timed, maxOpen } = deps
  const { name: source, every, timeout } = spec
  const schedule = new Schedule(clock.now(), 1000 / every)
  const open = new Set<Open>()
  let cancel: Cancel = () => {}

  const tell = (startedAt: number, endedAt: number, { result, why, answered }: ProbeEnd): void => {
    if (result === 'missing') return observer.missing({ source, startedAt, why: why ?? 'no answer' })
    const times = timed ? { endedAt, took: answered ? endedAt - startedAt : Infinity } : { endedAt: startedAt, took: null }
    observer.sample({ source, startedAt, n: 1, bad: Number(result === 'bad'), ...times, ...why === undefined ? {} : { why } })
  }

  const end = (one: Open, how: ProbeEnd): void => {
    if (!open.delete(one)) return
    one.cancelTimeout()
    tell(one.startedAt, clock.now(), how)
  }

  const begin = (startedAt: number): void => {
    if (open.size >= maxOpen) return tell(startedAt, startedAt + timeout, { result: silence, why: `${maxOpen} probes were still open`, answered: false })
    const one: Open = { startedAt, cut: () => {}, cancelTimeout: () => {} }
    open.add(one)
    one.cancelTimeout = clock.after(Math.max(0, startedAt + timeout - clock.now()), () => {
      end(one, { result: silence, why: `no answer within ${formatDuration(timeout)}`, answered: false })
      one.cut()
    })
    const cut = probe((how) => end(one, how))
    one.cut = cut
  }

  const turn = (): void => {
    const now = clock.now()
    for (let due = schedule.take(now); due !== undefined; due = schedule.take(now)) begin(due)
    cancel = clock.after(Math.max(1, schedule.next - clock.now()), turn)
  }
  turn()

  return {
    mark () {},
    stop: () => cancel(),
    awaited: () => [...open].map(({ startedAt }) => ({ source, startedAt, counts: silence })),
    async close () {
      cancel()
      for (const one of [...open]) {
        open.delete(one)
        one.cancelTimeout()
        one.cut()
      }
      await free()
    }
  }
}
