import type { RunResult } from '../experiment/result.ts'
import { casesOf, secondsOf } from './cases.ts'
import type { Case } from './cases.ts'
import { PLAIN, plain } from './layout.ts'
import type { Broken, Renderer } from './renderer.ts'
import { renderTerminal } from './terminal.ts'
import { renderXml } from './xml.ts'
import type { Element } from './xml.ts'

interface Suite {
  title: string
  startedAt: string
  seconds: number
  type: string
  properties: Record<string, string | number>
  cases: readonly Case[]
  out: string
}

/** A run's result as JUnit XML: one suite, a case for each thing checked (`casesOf`). Valid by both common schemas. */
export function renderJunit (result: RunResult): string {
  const { title, startedAt, outcome, exitCode, id, seed, documentHash, at, source, folder } = result
  const properties = {
    outcome, 'exit-code': exitCode, run: id, seed, 'document-hash': documentHash, at, source, folder
  }
  const seconds = secondsOf(result)
  const out = renderTerminal(result, PLAIN)
  return renderSuite({ title, startedAt, seconds, type: outcome, properties, cases: casesOf(result), out })
}

/** For CI. */
export const junit = {
  format: 'junit',
  contentType: 'application/xml; charset=utf-8',
  render: renderJunit,
  broken: renderBroken
} as const satisfies Renderer

function renderBroken ({ title, startedAt, id, why }: Broken): string {
  const cases: Case[] = [{ name: 'the run reaches a verdict', seconds: 0, state: 'error', message: why }]
  return renderSuite({ title, startedAt, seconds: 0, type: 'failed', properties: id === null ? {} : { run: id }, cases, out: '' })
}

function renderSuite ({ title, startedAt, seconds, type, properties, cases, out }: Suite): string {
  const name = token(title)
  const many = (state: Case['state']): number => cases.filter((one) => one.state === state).length
  return renderXml({
    name: 'testsuites',
    attributes: {},
    content: [{
      name: 'testsuite',
      attributes: {
        name,
        package: 'premortem',
        id: 0,
        // The schema has no place for a zone: this is UTC.
        timestamp: startedAt.slice(0, 19),
        hostname: 'localhost',
        tests: cases.length,
        failures: many('failure'),
        errors: many('error'),
        skipped: many('skipped'),
        time: seconds.toFixed(3)
      },
      content: [
        { name: 'properties', attributes: {}, content: Object.entries(properties).map(([key, value]) => ({ name: 'property', attributes: { name: key, value } })) },
        ...cases.map((one) => testcase(one, name, type)),
        { name: 'system-out', attributes: {}, content: out },
        { name: 'system-err', attributes: {} }
      ]
    }]
  })
}

// What the schema calls one: no line breaks, no white space at its ends.
const token = (text: string): string => plain(text).trim()

function testcase ({ name, seconds, state, message }: Case, classname: string, type: string): Element {
  const said = plain(message)
  const attributes = { name: token(name), classname, time: seconds.toFixed(3) }
  if (state === 'passed') return { name: 'testcase', attributes }
  const child: Element = state === 'skipped'
    ? { name: 'skipped', attributes: { message: said } }
    : { name: state, attributes: { message: said, type }, content: said }
  return { name: 'testcase', attributes, content: [child] }
}
