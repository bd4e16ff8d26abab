import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

test('another name', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/wrong-host', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'wrong-host' })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/wrong-host' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/wrong-host', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/wrong-host', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})

test('what badssl.com calls it', async (t) => {
  for (const type of ['tls/wrong.host']) t.equal(decodeFault({ type }).type.type, 'tls/wrong-host')
})
