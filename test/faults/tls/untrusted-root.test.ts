import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playTls } from '../../helpers/playbook.ts'

test('below another root, sent or not', async (t) => {
  const flaw = (written: object): unknown => {
    const action = playTls({ type: 'tls/untrusted-root', ...written }).handshake()
    return action.do === 'serve' ? action.flaw : action
  }
  t.strictSame(flaw({}), { flaw: 'untrusted-root', sendRoot: false })
  t.strictSame(flaw({ 'send-root': true }), { flaw: 'untrusted-root', sendRoot: true })
})

test('who resumes, and who stays, by its realism', async (t) => {
  t.match(playTls({ type: 'tls/untrusted-root' }).handshake(), { do: 'serve', resume: false })
  t.match(playTls({ type: 'tls/untrusted-root', realism: 'natural' }).handshake(), { do: 'serve', resume: true })
  t.match(playTls({ type: 'tls/untrusted-root', resumption: 'keep' }).handshake(), { do: 'serve', resume: true })
})

test('what badssl.com calls it', async (t) => {
  for (const type of ['tls/superfish', 'tls/edellroot', 'tls/dsdtestprovider']) t.equal(decodeFault({ type }).type.type, 'tls/untrusted-root')
})
