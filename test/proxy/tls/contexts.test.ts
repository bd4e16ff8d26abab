import { test } from 'tap'
import { Contexts } from '../../../src/proxy/tls/contexts.ts'
import { testIdentity } from '../../helpers/certificates.ts'
import { handshakeWith } from '../../helpers/context.ts'

test('a session is resumed under the same certificate, and under none other', async (t) => {
  const pair = await testIdentity()
  const other = await testIdentity('example.test')
  const contexts = new Contexts()
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await handshakeWith(contexts.get({ certificate: 'good' }, pair), { version })
    t.equal(first.reused, false)
    const again = await handshakeWith(contexts.get({ certificate: 'good' }, pair), { version, session: first.session })
    t.equal(again.reused, true, `${version}: the same`)
    const bad = await handshakeWith(contexts.get({ certificate: 'bad' }, other), { version, session: first.session })
    t.equal(bad.reused, false, `${version}: another`)
    const kept = await handshakeWith(contexts.get({ certificate: 'bad', sessionsOf: 'good' }, other), { version, session: first.session })
    t.equal(kept.reused, true, `${version}: another that goes on with its sessions`)
    const asks = await handshakeWith(contexts.get({ certificate: 'good', asks: true }, pair), { version, session: first.session })
    t.equal(asks.reused, false, `${version}: one that wants to see a certificate`)
  }
})

test('one context for one appearance, and a hundred of them', async (t) => {
  const pair = await testIdentity()
  const contexts = new Contexts()
  const first = contexts.get({ certificate: '0' }, pair)
  t.equal(contexts.get({ certificate: '0' }, pair), first)
  t.not(contexts.get({ certificate: '0', only: 'TLSv1.2' }, pair), first)
  for (let i = 1; i <= 100; i++) contexts.get({ certificate: String(i) }, pair)
  t.not(contexts.get({ certificate: '0' }, pair), first, 'forgotten')
})

test('one version only', async (t) => {
  const context = new Contexts().get({ certificate: 'good', only: 'TLSv1.2' }, await testIdentity())
  t.equal((await handshakeWith(context, {})).version, 'TLSv1.2')
})
