import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { FILES, breaksTls, loadDocument } from '../../src/demo/experiments.ts'
import { closing, introduction, playTitle, runReport } from '../../src/demo/story.ts'
import type { Played } from '../../src/demo/story.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { breached, turnedDown } from '../report/results.ts'

const golden = (name: string): string => readFileSync(new URL(`../fixtures/demo/${name}`, import.meta.url), 'utf8')

function held (): RunResult {
  const result = breached()
  for (const objective of result.objectives) {
    objective.fault = objective.baseline
    objective.timeToRecover = { kind: 'unaffected' }
  }
  return { ...result, outcome: 'held', exitCode: 0, phases: result.phases.map((phase) => ({ ...phase, latency: result.phases[0]!.latency })) }
}

async function played (): Promise<Played[]> {
  const documents = await Promise.all(FILES.map(loadDocument))
  const { tls } = turnedDown()
  return documents.flatMap((document) => {
    const found = breaksTls(document) ? { tls } : {}
    const [naive, resilient] = [{ ...breached(), ...found }, { ...held(), ...found }]
    return [{ document, resilient: false, result: naive }, { document, resilient: true, result: resilient }]
  })
}

test('the whole story, on a plain terminal of 80 columns', async (t) => {
  const plays = await played()
  const text = [
    introduction({ rate: 100, phases: { warmup: '500ms', baseline: '5s', fault: '10s', recovery: '6s' } }, plays.length, PLAIN),
    ...plays.map((play, i) => playTitle(i + 1, plays.length, play, PLAIN) + runReport(play.result, PLAIN)),
    closing(plays, PLAIN).text
  ].join('')
  t.equal(text, golden('story.txt'))
  t.same(text.split('\n').filter((line) => line.length > 80), [])
  t.equal(closing(plays, PLAIN).asExpected, true)
})

test('a demo that shows something else says so, and what', async (t) => {
  const plays = await played()
  plays[1]!.result = { ...breached(), reasons: ['p95 <= 300ms was breached'] }
  plays[2]!.result = { ...held(), objectives: [], phases: [], outcome: 'baseline-not-steady', reasons: ['it was never steady'] }
  const { text, asExpected } = closing(plays, PLAIN)
  t.equal(asExpected, false)
  const flat = text.replace(/\s+/g, ' ')
  t.match(flat, 'did not show what it should have')
  t.match(flat, 'should have held and ended BREACHED: p95 <= 300ms was breached. Meanwhile this process was up to 6.25ms late')
  t.match(flat, 'should have been breached and ended NOT STEADY: it was never steady.')
  t.notMatch(flat, 'What this means')
})

test('a run that broke off says why', async (t) => {
  t.match(runReport({ ...breached(), outcome: 'aborted', reasons: ['a guardrail was broken'] }, PLAIN), 'a guardrail was broken')
  t.notMatch(runReport(breached(), PLAIN), breached().reasons[0]!.slice(0, 20))
})

test('of a certificate it is said who would not have noticed', async (t) => {
  const report = runReport(turnedDown(), PLAIN).replace(/\s+/g, ' ')
  t.match(report, 'Had the certificate just lapsed, 87% of the requests at bank would have gone on')
  const plays = await played()
  const told = (change: object | null): string => {
    const [finding] = turnedDown().tls
    const survival = change === null ? null : { ...finding!.survival!, ...change }
    const result = { ...breached(), tls: [{ ...finding!, survival }] }
    return closing(plays.with(4, { ...plays[4]!, result }), PLAIN).text.replace(/\s+/g, ' ')
  }
  t.match(told({}), 'Had it lapsed by itself, 87% of the calls would have gone on for now')
  t.notMatch(told({ share: 0 }), 'by itself', 'where nobody would have, there is nothing to tell')
  t.notMatch(told(null), 'by itself')
})

test('the time to recover is that of the objective that took longest', async (t) => {
  const times = (kinds: RunResult['objectives'][number]['timeToRecover'][]): string => {
    const result = breached()
    const objectives = kinds.map((timeToRecover) => ({ ...result.objectives[0]!, timeToRecover }))
    return closing([{ document: { title: 'x' } as Played['document'], resilient: false, result: { ...result, objectives, outcome: 'held' } }], PLAIN).text
  }
  t.match(times([{ kind: 'recovered', ms: 1000 }, { kind: 'recovered', ms: 3000 }, { kind: 'unaffected' }]), '3s')
  t.match(times([{ kind: 'recovered', ms: 1000 }, { kind: 'not-seen', ms: 6000 }]), '> 6s')
  t.match(times([]), 'unknown')
})
