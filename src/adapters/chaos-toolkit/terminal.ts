import { columns, paint, plain, wrap } from '../../report/layout.ts'
import type { Cell } from '../../report/layout.ts'
import type { Look } from '../../report/renderer.ts'
import { OUTCOMES } from '../../report/words.ts'
import type { ActivityRun, HypothesisState } from './journal.ts'
import type { ChaosResult } from './run.ts'

const TONES = { good: 'green', bad: 'red', unsure: 'yellow' } as const

/** What came of a Chaos Toolkit experiment, as a person at a terminal reads it. No line break at its end. */
export function renderChaos ({ journal, verdict }: ChaosResult, compat: boolean, look: Look): string {
  const { status, deviated, steady_states: states } = journal
  // Where probes were left out, that their tolerances are met says nothing.
  const isChecked = journal.experiment.dry !== 'probes' && journal.experiment.dry !== 'activities'
  const verified: Cell[][] = [
    ...states.before === null ? [] : [verifiedRow('before the method', [states.before])],
    ...states.during.length === 0 ? [] : [verifiedRow('while it ran', states.during)],
    ...states.after === null ? [] : [verifiedRow('after the method', [states.after])]
  ]
  return [
    ...wrap(plain(String(journal.experiment.title)), look.width).map((line) => paint(look, 'bold', line)),
    '',
    ...compat ? [`  ${status}${deviated ? ', deviated' : ''}`] : headline(verdict, look),
    ...compat ? [] : verdict.reasons.flatMap((reason) => wrap(`- ${plain(reason)}`, look.width - 2, '  ').map((line) => `  ${line}`)),
    ...section('Steady state', isChecked ? verified : [], look),
    ...section('Method', journal.run.map((run) => activityRow(run)), look),
    ...section('Rollbacks', journal.rollbacks.map((run) => activityRow(run)), look)
  ].join('\n')
}

function headline ({ outcome }: ChaosResult['verdict'], look: Look): string[] {
  if (outcome === null) return [`  ${paint(look, ['bold', 'inverse'], ' REHEARSED ')}`]
  const { word, tone } = OUTCOMES[outcome]
  return [`  ${paint(look, ['bold', 'inverse', TONES[tone]], ` ${word} `)}`]
}

function section (title: string, rows: Cell[][], look: Look): string[] {
  return rows.length === 0 ? [] : ['', paint(look, 'bold', title), ...columns(rows, look, { heads: 0, indent: '  ' }).slice(1)]
}

function verifiedRow (when: string, states: readonly HypothesisState[]): Cell[] {
  const met = states.filter((state) => state.steady_state_met === true).length
  const all = met === states.length
  const text = states.length === 1 ? (all ? 'met' : 'not met') : `met in ${met} of ${states.length} verifications`
  const last = states.findLast((state) => state.steady_state_met !== true)?.probes.at(-1)
  return [when, { text, style: all ? 'green' : 'red' }, last === undefined ? '' : `${plain(last.activity.name)}${last.exception === undefined ? '' : `: ${plain(last.exception.join('').trim())}`}`]
}

function activityRow (run: ActivityRun): Cell[] {
  const failed = run.status === 'failed'
  return [
    run.activity.type,
    plain(run.activity.name),
    { text: run.status ?? 'failed', style: failed ? 'red' : 'green' },
    failed ? plain(run.exception?.join('').trim() ?? '') : shortOutput(run)
  ]
}

const LONGEST = 60

function shortOutput ({ output }: ActivityRun): string {
  if (output === null) return ''
  const text = plain(JSON.stringify(output))
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
}
