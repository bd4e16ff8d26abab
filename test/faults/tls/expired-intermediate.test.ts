import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

test('the intermediate ended so long ago', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/expired-intermediate', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'expired-intermediate', ago: 3_600_000 })
  t.strictSame(flaw({ ago: '1d' }), { flaw: 'expired-intermediate', ago: 86_400_000 })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/expired-intermediate' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/expired-intermediate', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/expired-intermediate', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})

test('a time that no certificate can show is refused', async (t) => {
  for (const span of [0, '999ms', '3651d']) {
    t.throws(() => decodeFault({ type: 'tls/expired-intermediate', ago: span }), { code: 'PMT_ERR_INVALID', details: { path: 'ago', wanted: 'a duration from 1s to 3650d' } }, String(span))
  }
  t.equal(decodeFault({ type: 'tls/expired-intermediate', ago: '400d' }).params.ago, 400 * 86_400_000)
})
