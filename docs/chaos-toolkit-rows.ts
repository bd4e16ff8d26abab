import type { Facts } from '../src/adapters/chaos-toolkit/outcome.ts'
import { Interruption } from '../src/adapters/chaos-toolkit/failure.ts'

/** A run in which all went well. */
export const ALL_FINE: Facts = {
  hypothesis: 'default',
  rollbacks: 'default',
  dry: null,
  probes: 1,
  before: 'met',
  after: 'met',
  during: { n: 0, unmet: 0 },
  failedFast: false,
  begun: true,
  failedActions: [],
  interruption: null,
  crash: null
}

/** What the Chaos Toolkit was seen to do: `[status, deviated, rollbacks played, exit code]`. */
export type Theirs = readonly [status: string, deviated: boolean, rollbacks: boolean, exit: number]

/** One situation a run can be in. `id` is how the tests find it. */
export interface Row { id: string, situation: string, facts: Facts, theirs: Theirs }

const row = (id: string, situation: string, facts: Partial<Facts>, theirs: Theirs): Row =>
  ({ id, situation, facts: { ...ALL_FINE, ...facts }, theirs })

const notBegun = { begun: false, after: null }
const dips = { during: { n: 6, unmet: 6 }, hypothesis: 'continuously' } as const

/** Every situation of the page about the Chaos Toolkit, with the default strategy for rollbacks unless it says otherwise. */
export const ROWS: readonly Row[] = [
  row('fine', 'all is well', {}, ['completed', false, true, 0]),
  row('gate-unmet', 'before the method a probe is not within its tolerance', { ...notBegun, before: 'unmet' }, ['completed', false, true, 0]),
  row('gate-failed', 'before the method a probe fails', { ...notBegun, before: 'failed' }, ['failed', false, false, 1]),
  row('after-unmet', 'after the method a probe is not within its tolerance', { after: 'unmet' }, ['completed', true, true, 1]),
  row('after-failed', 'after the method a probe fails', { after: 'failed' }, ['failed', true, false, 1]),
  row('action-failed', 'an action of the method fails: nothing was broken', { failedActions: ['a'] }, ['completed', false, true, 0]),
  row('dips', '`continuously`: unmet while the method runs, met after it', dips, ['completed', false, true, 0]),
  row('fail-fast', '`continuously` and `--fail-fast`: unmet, and still after it', { ...dips, failedFast: true, after: 'unmet' }, ['completed', true, true, 1]),
  row('during-fail-fast', '`during-method-only` and `--fail-fast`: unmet', {
    ...dips, hypothesis: 'during-method-only', failedFast: true, before: null, after: null
  }, ['failed', false, false, 1]),
  row('crash', 'what runs the method fails itself', { crash: 'premortem failed', after: null }, ['aborted', false, true, 1]),
  row('interrupted', 'SIGINT, SIGTERM or SIGUSR1', { interruption: new Interruption('interrupted by SIGINT'), after: null }, ['interrupted', false, false, 1]),
  row('interrupted-always', 'the same, with `--rollback-strategy always`', {
    interruption: new Interruption('interrupted by SIGINT'), after: null, rollbacks: 'always'
  }, ['interrupted', false, true, 1]),
  row('interrupted-hard', 'SIGUSR2, even with `--rollback-strategy always`', {
    interruption: new Interruption('interrupted by SIGUSR2', { rollbacks: false }), after: null, rollbacks: 'always'
  }, ['interrupted', false, false, 1])
]
