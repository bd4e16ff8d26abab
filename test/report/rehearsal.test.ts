import { test } from 'tap'
import { PLAIN } from '../../src/report/layout.ts'
import { rehearsalLines } from '../../src/report/rehearsal.ts'

const FAULT = { fault: 'r.0', on: 'payments', eligible: 2000, hit: 400, decisions: 1000, complete: false, connections: 3, routes: [{ route: 'GET /charge/*', n: 30, hit: 20 }] }

test('whom a fault would have hit, in a sentence and by route', async (t) => {
  const lines = rehearsalLines(FAULT, PLAIN)
  t.match(lines.join(' ').replace(/\s+/g, ' '), 'r.0 on payments: 400 of 2,000 eligible (20%); on 3 connections, of the last 1,000 decisions')
  t.match(lines.at(-1), /GET \/charge\/\* +30 +20/)
  t.strictSame(lines.filter((line) => line.length > 80), [])
  const none = rehearsalLines({ ...FAULT, eligible: 0, hit: 0, decisions: 0, routes: [] }, PLAIN)
  t.strictSame(none, ['  r.0 on payments: 0 of 0 eligible'])
})
