import { test } from 'tap'
import type { ActivityRun, ChaosJournal } from '../../../src/adapters/chaos-toolkit/journal.ts'
import { journalOf } from '../../../src/adapters/chaos-toolkit/journal.ts'
import { renderChaos } from '../../../src/adapters/chaos-toolkit/terminal.ts'
import { PLAIN } from '../../../src/report/layout.ts'
import { activityOf } from './world.ts'

const at = '2026-01-01T00:00:00.000000+00:00'
const run = (more: Partial<ActivityRun>): ActivityRun => ({ activity: activityOf('action', 'a\u001b[31m', {}), output: null, start: at, status: 'succeeded', end: at, duration: 0, ...more })
const bad = run({ status: 'failed', exception: ['boom\n'], tolerance_met: false })
const journal: ChaosJournal = journalOf([
  { type: 'started', time: at, experiment: { title: 'What if?' }, platform: 'p', node: 'n' },
  { type: 'hypothesis', when: 'before', index: 0, state: { steady_state_met: true, probes: [run({})] } },
  { type: 'hypothesis', when: 'during', index: 0, state: { steady_state_met: true, probes: [run({})] } },
  { type: 'hypothesis', when: 'during', index: 1, state: { steady_state_met: false, probes: [bad] } },
  { type: 'activity', part: 'run', index: 0, run: run({ output: { long: 'x'.repeat(100) } }) },
  { type: 'activity', part: 'rollbacks', index: 0, run: bad },
  { type: 'ended', time: at, duration: 0, status: 'completed', deviated: true }
])

test('the answer first, then what it rests on', async (t) => {
  const text = renderChaos({ journal, verdict: { outcome: 'breached', exitCode: 1, reasons: ['it was not met'] }, exitCode: 1 }, false, PLAIN)
  t.equal(text, `What if?

   BREACHED
  - it was not met

Steady state
  before the method  met
  while it ran       met in 1 of 2 verifications  a: boom

Method
  action  a  succeeded  {"long":"${'x'.repeat(51)}...

Rollbacks
  action  a  failed  boom`.replace('BREACHED\n', 'BREACHED \n'))
})

test('a rehearsal has no verdict, and the Chaos Toolkit\'s words stand where they are wanted', async (t) => {
  t.match(renderChaos({ journal, verdict: { outcome: null, exitCode: 0, reasons: [] }, exitCode: 0 }, false, PLAIN), /REHEARSED/)
  const compat = renderChaos({ journal, verdict: { outcome: 'breached', exitCode: 1, reasons: ['x'] }, exitCode: 1 }, true, PLAIN)
  t.match(compat, /completed, deviated/)
  t.notMatch(compat, /BREACHED/)
  const rehearsed = { ...journal, experiment: { ...journal.experiment, dry: 'activities' } }
  t.notMatch(renderChaos({ journal: rehearsed, verdict: { outcome: null, exitCode: 0, reasons: [] }, exitCode: 0 }, false, PLAIN), /Steady state/)
})
