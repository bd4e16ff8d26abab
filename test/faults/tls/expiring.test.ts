import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

test('the validity ends in so long', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/expiring', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'expiring', in: 518_400_000 })
  t.strictSame(flaw({ in: '23h' }), { flaw: 'expiring', in: 82_800_000 })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/expiring' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/expiring', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/expiring', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})

test('a time that no certificate can show is refused', async (t) => {
  for (const span of [0, '999ms', '3651d']) {
    t.throws(() => decodeFault({ type: 'tls/expiring', in: span }), { code: 'PMT_ERR_INVALID', details: { path: 'in', wanted: 'a duration from 1s to 3650d' } }, String(span))
  }
  t.equal(decodeFault({ type: 'tls/expiring', in: '400d' }).params.in, 400 * 86_400_000)
})
