import { test } from 'tap'
import { EXIT_CODES } from '../../src/experiment/result.ts'
import type { RunOutcome, RunResult } from '../../src/experiment/result.ts'
import { casesOf } from '../../src/report/cases.ts'
import { junit, renderJunit } from '../../src/report/junit.ts'
import { awkward, breached, turnedDown } from './results.ts'
import { parseXml } from './xml.ts'
import type { Read } from './xml.ts'

/** What both common schemas take: Windyroad's JUnit.xsd, and Jenkins' junit-10.xsd. Children in their order. */
const SCHEMA: Record<string, { required: string[], optional?: string[], children?: string[] }> = {
  testsuites: { required: [], children: ['testsuite'] },
  testsuite: {
    required: ['name', 'package', 'id', 'timestamp', 'hostname', 'tests', 'failures', 'errors', 'time'],
    optional: ['skipped'],
    children: ['properties', 'testcase', 'system-out', 'system-err']
  },
  properties: { required: [], children: ['property'] },
  property: { required: ['name', 'value'] },
  testcase: { required: ['name', 'classname', 'time'], children: ['skipped', 'error', 'failure'] },
  skipped: { required: ['message'] },
  error: { required: ['message', 'type'] },
  failure: { required: ['message', 'type'] },
  'system-out': { required: [] },
  'system-err': { required: [] }
}

/** What does not fit the schemas; empty if all does. */
function misfits ({ name, attributes, children, text }: Read): string[] {
  const { required, optional = [], children: order = [] } = SCHEMA[name] ?? { required: ['nothing of that name'] }
  const keys = Object.keys(attributes)
  const places = children.map((child) => order.indexOf(child.name))
  return [
    ...required.filter((key) => !keys.includes(key)).map((key) => `${name} lacks ${key}`),
    ...keys.filter((key) => !required.includes(key) && !optional.includes(key)).map((key) => `${name} has ${key}`),
    ...places.some((place, i) => place < (places[i - 1] ?? 0)) ? [`${name}: ${children.map((child) => child.name).join(', ')}`] : [],
    ...name === 'testcase' && children.length > 1 ? ['a testcase with two ends'] : [],
    ...order.length > 0 && text.trim() !== '' ? [`${name} has text`] : [],
    ...('time' in attributes) && !/^\d+\.\d{3}$/.test(attributes.time!) ? [`time ${attributes.time}`] : [],
    ...('timestamp' in attributes) && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(attributes.timestamp!) ? [`timestamp ${attributes.timestamp}`] : [],
    // Both are tokens: no line breaks, no white space at their ends.
    ...[attributes.name, attributes.classname].filter((token) => token !== undefined && token !== token.trim().replace(/\s/g, ' ')).map((token) => `token ${token}`),
    ...children.flatMap(misfits)
  ]
}

const suiteOf = (text: string): Read => parseXml(text).children[0]!
const countOf = ({ children }: Read, end: string): number =>
  children.filter((child) => child.children.some(({ name }) => name === end)).length

test('every outcome fits the schemas, and its numbers are those of its cases', async (t) => {
  const nasty: Partial<RunResult> = { title: 'a <b> & "c" \u001b[31m]]>\n\u0000 \ud800b', reasons: ['<&>\u0007'], notes: ['"\'&lt;'] }
  const outcomes = Object.keys(EXIT_CODES) as RunOutcome[]
  const every = outcomes.map((outcome) => ({ ...breached(), ...nasty, outcome, exitCode: EXIT_CODES[outcome] }))
  const runs = [breached(), awkward(), turnedDown(), ...every]
  for (const run of runs) {
    const root = parseXml(renderJunit(run))
    t.same(misfits(root), [], run.outcome)
    const suite = root.children[0]!
    const cases = suite.children.filter(({ name }) => name === 'testcase')
    t.equal(cases.length, casesOf(run).length)
    t.match(suite.attributes, {
      tests: String(cases.length),
      failures: String(countOf(suite, 'failure')),
      errors: String(countOf(suite, 'error')),
      skipped: String(countOf(suite, 'skipped'))
    })
  }
})

test('a schema that is not kept is noticed', async (t) => {
  t.ok(misfits(parseXml('<testsuites><testcase name="a" classname="b" time="1"/></testsuites>')).length > 1)
  t.ok(misfits(parseXml('<testcase name="a" classname="b" time="1.000" x="y"/>')).length === 1)
  t.ok(misfits(parseXml(renderJunit(breached()).replace('<properties>', '<system-err/><properties>'))).length > 0)
})

test('a breach is a failure in plain words; the properties say which run it was', async (t) => {
  const suite = suiteOf(renderJunit(breached()))
  t.match(suite.attributes, { name: 'What if payments answers 500 ms slower?', timestamp: '2026-01-01T00:00:00', time: '23.500', failures: '1', errors: '0' })
  t.same(Object.fromEntries(suite.children[0]!.children.map(({ attributes: { name, value } }) => [name, value])), {
    outcome: 'breached', 'exit-code': '1', run: breached().id, seed: '42', 'document-hash': breached().documentHash, at: 'edge', source: 'load', folder: breached().folder
  })
  const words = 'breached: 0% good (1,000 of 1,000 bad), with 95% confidence at most 0.299%'
  t.match(suite.children.find((child) => child.attributes.name === 'p95 <= 300ms'), {
    children: [{ name: 'failure', attributes: { type: 'breached', message: words }, text: words }]
  })
  t.match(suite.children.at(-2), { name: 'system-out', text: /BREACHED[^]*exit code {2}1$/ }, 'the whole report is there to read')
})

test('a run without a result is an error that says why', async (t) => {
  const text = junit.broken({ id: null, title: 'x', startedAt: '2026-01-01T00:00:00.000Z', why: 'PMT_ERR_INVALID: no' })
  t.same(misfits(parseXml(text)), [])
  t.match(suiteOf(text), { attributes: { tests: '1', errors: '1' }, children: [{ children: [] }, { children: [{ name: 'error', attributes: { message: 'PMT_ERR_INVALID: no' } }] }] })
  t.match(suiteOf(junit.broken({ id: 'r', title: 'x', startedAt: '2026-01-01T00:00:00.000Z', why: 'no' })).children[0]!.children, [{ attributes: { name: 'run', value: 'r' } }])
})
