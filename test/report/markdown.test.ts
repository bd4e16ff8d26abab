import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { inert, markdown, renderMarkdown } from '../../src/report/markdown.ts'
import { awkward, breached, turnedDown } from './results.ts'

const golden = (name: string): string => readFileSync(new URL(`../fixtures/report/${name}`, import.meta.url), 'utf8')

test('a run that breached, and one that did not land', async (t) => {
  t.equal(renderMarkdown(breached()), golden('breached.md'))
  t.equal(renderMarkdown(awkward()), golden('did-not-land.md'))
})

test('a table has as many cells in each row, whatever an objective says', async (t) => {
  for (const run of [breached(), turnedDown()]) {
    const rows = renderMarkdown({ ...run, objectives: run.objectives.map((one) => ({ ...one, objective: `${one.objective} | x\`y\`` })) }).split('\n').filter((line) => line.startsWith('|'))
    t.equal(rows.length, run.objectives.length + 2)
    for (const row of rows) t.equal(row.replaceAll('\\|', '').match(/\|/g)?.length, 6, row)
  }
})

test('a comparison stands in it in its own words', async (t) => {
  const none = { deviations: [], beforeAfter: [], spillover: [] }
  const text = renderMarkdown({ ...breached(), comparison: { design: 'concurrent', against: 'control', ...none, words: ['p95 deviated'] } })
  t.match(text, '**Compared**\n\n- p95 deviated\n')
})

test('what a document says is no link, no mention and no markup', async (t) => {
  const links = /@\w|:\/\/|#\d|\bwww\.|\bgh-\d/i
  for (const text of ['@everyone', 'see https://evil.example/x', '#12', 'org/repo#12', 'GH-3', 'www.evil.example', 'a@b.example']) {
    t.notMatch(inert(text), links, text)
    t.equal(inert(text).replaceAll('\u2060', '').replaceAll('\\', ''), text, 'a reader sees the same')
  }
  t.equal(inert('<img src=x> [a](b) *c* `d` _e_ ~f~ |'), '\\<img src=x\\> \\[a\\](b) \\*c\\* \\`d\\` \\_e\\_ \\~f\\~ \\|')
  for (const text of ['# a', '- a', '+ a', '1. a', '2) a', '=== a']) t.match(inert(text), /^\d*\\/, text)
  t.equal(inert('a\nb\u001b[31m'), 'a b')
  t.notMatch(renderMarkdown({ ...breached(), title: '@all http://x [a](b)', reasons: ['@all'], notes: ['#1'], at: '@edge' }), links)
})

test('a run without a result says why', async (t) => {
  const text = markdown.broken({ id: null, title: 'x', startedAt: '2026-01-01T00:00:00.000Z', why: 'the file is *not* there' })
  t.equal(text, '### x\n\n❌ **NO VERDICT**. the file is \\*not\\* there\n')
})
