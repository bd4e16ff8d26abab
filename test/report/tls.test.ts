import { test } from 'tap'
import { PLAIN } from '../../src/report/layout.ts'
import { tlsLines } from '../../src/report/tls.ts'
import { turnedDown } from './results.ts'

test('a sentence, its figures, and what came of handshakes', async (t) => {
  const [bank, quiet] = turnedDown().tls
  const lines = tlsLines(bank!, PLAIN)
  t.match(lines[0], /^ {2}Had the certificate just lapsed, 87% of the requests at bank/)
  t.match(lines.join('\n'), /on connections opened before +852 +71% +29\.95s\n +on resumed sessions +192 +16% +12s\n +after a full handshake +156 +13%/)
  t.match(lines.join('\n'), /baseline +40 +40 +10 +0\n +fault +44 +0 +0 +44\n +failed in the fault phase: alert:certificate_expired 30, reset 6, closed 3,\n +timeout 2, failed 1, unfinished 2$/)
  t.strictSame(tlsLines(quiet!, PLAIN), [], 'nothing seen, nothing said')
  t.strictSame(tlsLines({ ...bank!, survival: null }, PLAIN), lines.slice(-6), 'handshakes alone')
})

test('names that a peer makes up cannot steer the terminal', async (t) => {
  const [bank] = turnedDown().tls
  const counts = [{ result: 'alert:\u001b[31m', version: '', resumed: false, count: 1 }]
  t.notMatch(tlsLines({ ...bank!, phases: [{ name: 'fault', handshakes: { n: 1, unfinished: 0, counts } }] }, PLAIN).join(''), '\u001b')
})
