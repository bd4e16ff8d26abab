import { test } from 'tap'
import { CHAOSLIB_VERSION, journalOf, pythonTime } from '../../../src/adapters/chaos-toolkit/journal.ts'
import type { ActivityRun, ChaosEvent } from '../../../src/adapters/chaos-toolkit/journal.ts'
import type { Activity } from '../../../src/adapters/chaos-toolkit/types.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const activity = { type: 'action', name: 'a', provider: { type: 'http', url: 'http://x/' } } as Activity
const at = (second: number): string => `2026-01-01T00:00:0${second}.000000+00:00`
const done: ActivityRun = { activity, output: 1, start: at(1), status: 'succeeded', end: at(2), duration: 1 }
const started: ChaosEvent = { type: 'started', time: at(0), experiment: { title: 'T' }, platform: 'p', node: 'n' }

test('a journal is made of events, and the later one of an activity counts', async (t) => {
  const state = { steady_state_met: true, probes: [done] }
  t.strictSame(journalOf([
    started,
    { type: 'hypothesis', when: 'before', index: 0, state: { steady_state_met: null, probes: [] } },
    { type: 'hypothesis', when: 'before', index: 0, state },
    { type: 'activity', part: 'run', index: 0, run: { activity, output: null, start: at(1) } },
    { type: 'hypothesis', when: 'during', index: 0, state },
    { type: 'activity', part: 'run', index: 0, run: done },
    { type: 'activity', part: 'rollbacks', index: 0, run: done },
    { type: 'ended', time: at(3), duration: 3.5, status: 'completed', deviated: true, premortem: { verdict: 'breached' } }
  ]), {
    'chaoslib-version': CHAOSLIB_VERSION,
    platform: 'p',
    node: 'n',
    experiment: { title: 'T' },
    start: at(0),
    status: 'completed',
    deviated: true,
    steady_states: { before: state, after: null, during: [state] },
    run: [done],
    rollbacks: [done],
    end: at(3),
    duration: 3.5,
    premortem: { verdict: 'breached' }
  })
})

test('without an end a run was interrupted, and what was cut off failed', async (t) => {
  t.match(journalOf([started, { type: 'activity', part: 'run', index: 0, run: done }, { type: 'activity', part: 'run', index: 1, run: { activity, output: null, start: at(2) } }]), {
    status: 'interrupted', end: at(2), duration: 2, run: [{ status: 'succeeded' }, { status: 'failed', end: at(2), duration: 0 }]
  })
  t.match(journalOf([]), { status: 'interrupted', duration: 0 })
})

test('times are Python\'s', async (t) => t.equal(pythonTime(createVirtualClock(0, Date.UTC(2026, 10, 22, 17, 47, 28, 197))), '2026-11-22T17:47:28.197000+00:00'))
