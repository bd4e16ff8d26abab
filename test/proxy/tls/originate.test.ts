import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { test } from 'tap'
import type { Ask } from '../../../src/proxy/tls/originate.ts'
import { Originate } from '../../../src/proxy/tls/originate.ts'
import type { TlsSide } from '../../../src/proxy/tls/side.ts'
import { startTlsUpstream } from '../../helpers/tls.ts'

async function secured (originate: Originate, port: number, ask: Partial<Ask> = {}): Promise<TLSSocket> {
  const raw = connect(port, '127.0.0.1')
  await new Promise((resolve) => { raw.once('connect', resolve) })
  return await new Promise((resolve, reject) => {
    originate.secure(raw, { name: 'a', host: 'localhost', port }, { sni: undefined, alpn: undefined, ...ask }, (failure, socket) => {
      if (socket === null) reject(new Error('no TLS', { cause: failure }))
      else resolve(socket as TLSSocket)
    })
  })
}

const side = (ca: string) =>
  ({ settings: { originate: { verify: true, serverName: undefined } }, ca, client: null }) as unknown as TlsSide

test('sessions with nodes are taken up again, but not where a certificate of ours is on show', async (t) => {
  const { port, pem } = await startTlsUpstream(t)
  const originate = new Originate(side(pem))
  const first = await secured(originate, port, { alpn: 'http/1.1' })
  t.same([first.isSessionReused(), first.alpnProtocol], [false, 'http/1.1'])
  const given = new Promise((resolve) => { first.once('session', resolve) })
  first.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await given
  const second = await secured(originate, port)
  t.equal(second.isSessionReused(), true)
  const shown = await secured(originate, port, { present: null })
  t.equal(shown.isSessionReused(), false)
  for (const socket of [first, second, shown]) socket.destroy()
})

test('the node that was copied, and no other', async (t) => {
  const { port, pem } = await startTlsUpstream(t)
  const known = await secured(new Originate(side(pem)), port)
  const { fingerprint256 } = known.getPeerX509Certificate()!
  const pinned = await secured(new Originate(side('')), port, { pinned: fingerprint256 })
  t.ok(pinned, 'whoever has signed it')
  await t.rejects(secured(new Originate(side(pem)), port, { pinned: 'AA' }), { cause: { code: 'ERR_TLS_CERT_CHANGED' } })
  known.destroy()
  pinned.destroy()
})
