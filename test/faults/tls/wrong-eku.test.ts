import { test } from 'tap'
import { playTls } from '../../helpers/playbook.ts'

test('for the other purpose', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/wrong-eku', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'wrong-eku' })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/wrong-eku' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/wrong-eku', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/wrong-eku', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})
