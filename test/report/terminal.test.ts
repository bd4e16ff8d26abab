import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { EXIT_CODES } from '../../src/experiment/result.ts'
import type { RunOutcome } from '../../src/experiment/result.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { renderTerminal, terminal } from '../../src/report/terminal.ts'
import { OUTCOMES } from '../../src/report/words.ts'
import { awkward, breached, turnedDown } from './results.ts'

const golden = (name: string): string => readFileSync(new URL(`../fixtures/report/${name}`, import.meta.url), 'utf8')

test('a run that breached, as a plain terminal of 80 columns shows it', async (t) => {
  const text = terminal.render(breached(), PLAIN)
  t.equal(text, golden('breached.txt'))
  t.same(text.split('\n').filter((line) => line.length > 80), [])
})

test('a loud note (a fault on the listener that is measured) stands at the top; titles cannot steer the terminal', async (t) => {
  const text = terminal.render(awkward(), PLAIN)
  t.equal(text, golden('did-not-land.txt'))
  t.match(text, '!!! THE FAULT IS ON payments')
  t.notOk(text.includes('\u001b'))
})

test('what clients made of a certificate, and what outlives one', async (t) => {
  const text = terminal.render(turnedDown(), PLAIN)
  t.equal(text, golden('turned-down.txt'))
  t.same(text.split('\n').filter((line) => line.length > 80), [])
})

test('quiet notes are not loud', async (t) => {
  t.notMatch(renderTerminal(breached(), PLAIN), '!!!')
})

test('colours and unicode only when asked', async (t) => {
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  const ansi = /\u001b\[\d+m/g
  const plain = renderTerminal(breached(), PLAIN)
  const coloured = renderTerminal(breached(), { ...PLAIN, color: true })
  t.match(coloured, ansi)
  t.equal(coloured.replace(ansi, '').replace(/ +$/gm, ''), plain, 'colours change nothing but colours')
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  t.match(plain, /^[\x00-\x7f]*$/)
  t.match(renderTerminal(breached(), { ...PLAIN, unicode: true }), '────')
})

test('every outcome has its word and its sentence', async (t) => {
  for (const outcome of Object.keys(EXIT_CODES) as RunOutcome[]) {
    const text = renderTerminal({ ...breached(), outcome, exitCode: EXIT_CODES[outcome] }, PLAIN)
    t.match(text, ` ${OUTCOMES[outcome].word} `)
    t.match(text.replace(/\n\s+/g, ' '), OUTCOMES[outcome].sentence)
    t.match(text, new RegExp(`exit code +${EXIT_CODES[outcome]}$`, 'm'))
  }
})

test('a narrow terminal gets narrow prose', async (t) => {
  const prose = renderTerminal(breached(), { ...PLAIN, width: 60 }).split('\n').filter((line) => line.includes('- '))
  t.ok(prose.length > 0)
  t.same(prose.filter((line) => line.length > 60 && !line.includes('---')), [])
})

test('what a fault hits is called by its layer, whichever of its names is written', async (t) => {
  const said = (type: string): string => {
    const result = breached()
    const [fault] = result.faults
    return renderTerminal({ ...result, faults: [{ ...fault!, fault: { ...fault!.fault, type } }] }, PLAIN)
  }
  t.match(said('delay'), /eligible requests/)
  t.match(said('refuse'), /eligible connections/)
  t.match(said('tls/wrong-host'), /eligible handshakes/)
  t.match(said('tls/wrong.host'), /eligible handshakes/)
})

test('who saw it, and whether it would have paged', async (t) => {
  const result = breached()
  const words = ['p95 <= 300ms began to fail 3s after the faults began, and was seen to 5s after the faults began', 'no alert']
  const detection = { faultOn: '', faultOff: null, objectives: [], alerts: [], timeToAlert: null, words }
  const paging = { objective: '', period: 0, long: 0, short: 0, peak: 0, highest: 0, rules: [], words: 'p95 <= 300ms: your page would have fired' }
  const text = renderTerminal({ ...result, detection, paging: [paging] }, PLAIN)
  t.match(text, /Detected\n {2}- p95 <= 300ms began to fail 3s[\s\S]*\n {2}- no alert\n\nWould you have been paged\?\n {2}- p95 <= 300ms: your page would have fired\n/)
  t.notMatch(renderTerminal(result, PLAIN), /Detected|paged/)
})

test('what it cost of the error budget', async (t) => {
  const budget = { ...{} as NonNullable<ReturnType<typeof breached>['budget']>, words: 'the run spent 0.579% of the error budget of checkout' }
  t.match(renderTerminal({ ...breached(), budget }, PLAIN), /\n\nError budget\n {2}- the run spent 0.579% of the error budget of checkout\n/)
})
