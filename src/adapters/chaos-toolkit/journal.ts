import type { Clock } from '../../kernel/clock.ts'
import type { Activity, Json, JsonObject } from './types.ts'

/** The version of the Chaos Toolkit's library whose journal this is: its reports are drawn by it. */
export const CHAOSLIB_VERSION = '1.45.0'

/** How a run ended, in the Chaos Toolkit's words. */
export type ChaosStatus = 'completed' | 'failed' | 'aborted' | 'interrupted'

/** One activity as it was done. Times are ISO 8601; durations are seconds. */
export interface ActivityRun {
  activity: Activity
  output: Json
  start: string
  /** Absent while it goes on. */
  status?: 'succeeded' | 'failed'
  end?: string
  duration?: number
  /** Lines of text. */
  exception?: string[]
  tolerance_met?: boolean
}

/** The hypothesis as it was verified once. `null` is a verification that did not end. */
export interface HypothesisState { steady_state_met: boolean | null, probes: ActivityRun[] }

/** When the hypothesis was verified. */
export type When = 'before' | 'during' | 'after'

/** One thing that happened, as the event log has it. */
export type ChaosEvent =
  | { type: 'started', time: string, experiment: JsonObject, platform: string, node: string }
  | { type: 'hypothesis', when: When, index: number, state: HypothesisState }
  | { type: 'activity', part: 'run' | 'rollbacks', index: number, run: ActivityRun }
  | { type: 'ended', time: string, duration: number, status: ChaosStatus, deviated: boolean, premortem?: JsonObject }

/** A journal as the Chaos Toolkit writes it. `premortem` holds what is ours. */
export interface ChaosJournal {
  'chaoslib-version': string
  platform: string
  node: string
  experiment: JsonObject
  start: string
  status: ChaosStatus
  deviated: boolean
  steady_states: { before: HypothesisState | null, after: HypothesisState | null, during: HypothesisState[] }
  run: ActivityRun[]
  rollbacks: ActivityRun[]
  end: string
  duration: number
  premortem?: JsonObject
}

/** The journal that a run's events make. As long as they do not say how it ended, it was interrupted. */
export function journalOf (events: Iterable<ChaosEvent>): ChaosJournal {
  const journal: ChaosJournal = {
    'chaoslib-version': CHAOSLIB_VERSION,
    platform: '',
    node: '',
    experiment: {},
    start: '',
    status: 'interrupted',
    deviated: false,
    steady_states: { before: null, after: null, during: [] },
    run: [],
    rollbacks: [],
    end: '',
    duration: 0
  }
  for (const event of events) apply(journal, event)
  finish(journal)
  return journal
}

function apply (journal: ChaosJournal, event: ChaosEvent): void {
  switch (event.type) {
    case 'started':
      Object.assign(journal, { platform: event.platform, node: event.node, experiment: event.experiment })
      journal.start = journal.end = event.time
      return
    case 'hypothesis':
      if (event.when === 'during') journal.steady_states.during[event.index] = event.state
      else journal.steady_states[event.when] = event.state
      return
    case 'activity':
      journal[event.part][event.index] = event.run
      return
    case 'ended':
      Object.assign(journal, { status: event.status, deviated: event.deviated, end: event.time, duration: event.duration })
      if (event.premortem !== undefined) journal.premortem = event.premortem
  }
}

// Reports look at every activity's status and end, so an activity that was cut off has them too.
function finish (journal: ChaosJournal): void {
  const { before, after, during } = journal.steady_states
  const runs = [...journal.run, ...journal.rollbacks, ...[before, after, ...during].flatMap((state) => state?.probes ?? [])]
  const last = runs.reduce((latest, run) => [latest, run.end ?? run.start].sort().at(-1)!, journal.end)
  if (journal.duration === 0 && last !== '' && journal.start !== '') {
    journal.end = last
    journal.duration = (Date.parse(last) - Date.parse(journal.start)) / 1000
  }
  for (const run of runs) {
    run.status ??= 'failed'
    run.end ??= last
    run.duration ??= Math.max(0, Date.parse(last) - Date.parse(run.start)) / 1000
  }
}

/** A time as Python writes it: UTC, with microseconds. */
export function pythonTime (clock: Clock): string {
  return new Date(clock.wall()).toISOString().replace('Z', '000+00:00')
}
