import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

test('the validity begins so much later', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/not-yet-valid', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'not-yet-valid', in: 86_400_000 })
  t.strictSame(flaw({ in: '1h' }), { flaw: 'not-yet-valid', in: 3_600_000 })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/not-yet-valid' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/not-yet-valid', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/not-yet-valid', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})

test('a time that no certificate can show is refused', async (t) => {
  for (const span of [0, '999ms', '3651d']) {
    t.throws(() => decodeFault({ type: 'tls/not-yet-valid', in: span }), { code: 'PMT_ERR_INVALID', details: { path: 'in', wanted: 'a duration from 1s to 3650d' } }, String(span))
  }
  t.equal(decodeFault({ type: 'tls/not-yet-valid', in: '400d' }).params.in, 400 * 86_400_000)
})
