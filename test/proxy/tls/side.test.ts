import { copyFile, writeFile } from 'node:fs/promises'
import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { silentLogger } from '../../../src/kernel/log.ts'
import { decodeProxy } from '../../../src/proxy/spec.ts'
import { TlsSide } from '../../../src/proxy/tls/side.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { testAuthority, testIdentity } from '../../helpers/certificates.ts'
import { certificateFiles, startTlsUpstream } from '../../helpers/tls.ts'
import { closedPort, startUpstream } from '../../helpers/upstream.ts'
import { createSystemClock } from '../../../src/kernel/clock.ts'

const HELLO = { sni: 'localhost', alpn: [], versions: [], resumes: false }

async function sideOf (tls: object | string, upstream = 'localhost:1', protocol = 'auto', clock = createSystemClock()) {
  const { identities } = await testAuthority()
  const side = new TlsSide(decodeProxy({ name: 'a', listen: '127.0.0.1:0', upstream, protocol, tls }), { clock, log: silentLogger, identities: async () => identities })
  return { side, show: (more = {}) => side.show({ hello: HELLO, address: '127.0.0.1', ...more }) }
}

test('one context for one certificate, another for another', async (t) => {
  const { side, show } = await sideOf({ terminate: 'ca' })
  await side.start()
  t.equal(await show(), await show())
  t.not(await show(), await show({ hello: { ...HELLO, sni: 'other.test' } }))
  t.not(await show(), await show({ flaw: { flaw: 'expired', ago: 1000 }, since: 1_000_000_000_000 }))
  side.stop()
})

test('files are read again when they have changed, if they are any good', async (t) => {
  const clock = createVirtualClock(0)
  const files = await certificateFiles(t)
  const { side, show } = await sideOf({ terminate: files }, undefined, undefined, clock)
  await side.start()
  const before = await show()
  await clock.advance(5000)
  t.equal(await show(), before, 'nothing has changed')
  const good = await testIdentity('example.test')
  await writeFile(files.certificate, 'half a fil')
  await clock.advance(1000)
  t.equal(await show(), before, 'no good')
  await writeFile(files.certificate, good.cert)
  await writeFile(files.key, good.key)
  await clock.advance(1000)
  t.not(await show(), before, 'another')
  side.stop()
  t.equal(clock.pending(), 0)
})

test('what does not go together is refused at the start', async (t) => {
  const files = await certificateFiles(t)
  const refused = async (tls: object, code: string): Promise<void> => {
    await t.rejects((await sideOf(tls)).side.start(), { code }, JSON.stringify(tls))
  }
  await refused({ terminate: { ...files, certificate: '/no/such/file' } }, 'PMT_ERR_CERTIFICATE')
  await refused({ originate: { ca: '/no/such/file' } }, 'PMT_ERR_CERTIFICATE')
  const copy = `${files.key}.open`
  await copyFile(files.key, copy)
  const { chmod } = await import('node:fs/promises')
  await chmod(copy, 0o644)
  await refused({ terminate: { ...files, key: copy } }, 'PMT_ERR_KEY_EXPOSED')
})

test('a fault that shows another certificate needs a good one to copy', async (t) => {
  const fault = decodeFault({ type: 'tls/not-yet-valid' })
  const { upstream } = await startTlsUpstream(t)
  await (await sideOf('passthrough', upstream)).side.prepare(fault)
  const refused = async (address: string, found: RegExp): Promise<void> => {
    await t.rejects((await sideOf('passthrough', address)).side.prepare(fault), { code: 'PMT_ERR_UPSTREAM_CERTIFICATE', details: { found } })
  }
  await refused(`localhost:${await closedPort()}`, /ECONNREFUSED/)
  const plain = await startUpstream(t, (socket) => { socket.end('hello\r\n') })
  await refused(plain.address, /./)
  const old = await testIdentity('localhost', { flaw: 'expired', ago: 1000 })
  const { upstream: expired } = await startTlsUpstream(t, undefined, { cert: old.cert, key: old.key })
  await refused(expired, /expired on/)
  const { side } = await sideOf({ passthrough: true, originate: true }, upstream)
  await t.rejects(side.prepare(fault), { code: 'PMT_ERR_UPSTREAM_CERTIFICATE', details: { found: /UNABLE_TO_GET_ISSUER/ } }, 'where nodes are checked')
  await side.prepare(decodeFault({ type: 'tls/stall' }))
  await side.prepare(decodeFault({ type: 'latency', latency: '1s' }))
})
