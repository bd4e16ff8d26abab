import { test } from 'tap'
import { playTls } from '../../helpers/playbook.ts'

test('the leaf alone', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/incomplete-chain', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'incomplete-chain' })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/incomplete-chain' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/incomplete-chain', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/incomplete-chain', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})
