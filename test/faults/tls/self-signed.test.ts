import { test } from 'tap'
import { playTls } from '../../helpers/playbook.ts'

test('its own issuer', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/self-signed', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'self-signed' })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/self-signed' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/self-signed', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/self-signed', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})
