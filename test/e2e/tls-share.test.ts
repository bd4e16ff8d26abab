import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { test } from 'tap'
import type { Test } from 'tap'
import { eventually } from '../helpers/proxy.ts'
import { MODES, startScene } from '../helpers/tls-scene.ts'
import type { Scene } from '../helpers/tls-scene.ts'

/** What one handshake came to. */
interface Shaken { error: string, resumed: boolean, session: Buffer | undefined }

/** Shakes hands once, and asks for nothing; with a session of before, if there is one. */
function shake ({ port, trust: { ca } }: Scene, { session, servername = 'localhost', localAddress = '127.0.0.1' }: {
  session?: Buffer | undefined, servername?: string, localAddress?: string
} = {}): Promise<Shaken> {
  return new Promise((resolve) => {
    let kept: Buffer | undefined
    const raw = connect({ port, host: '127.0.0.1', localAddress })
    const socket = connectTls({ socket: raw, host: 'localhost', servername, ca, session, checkServerIdentity: () => undefined })
    const done = (error: string): void => {
      const resumed = socket.isSessionReused()
      socket.destroy()
      resolve({ error, resumed, session: kept })
    }
    socket.on('session', (found: Buffer) => {
      kept = found
      done('')
    })
    // A resumed session brings no other where bytes pass unread, and TLS 1.2 is not what is spoken here.
    socket.on('secureConnect', () => { if (socket.isSessionReused()) done('') })
    socket.on('error', (error: NodeJS.ErrnoException) => { done(error.code ?? error.message) })
  })
}

/** Shakes hands so often, every second time with the newest session there is; by turns, so that the order is known. */
async function shakeOften (scene: Scene, times: number): Promise<Shaken[]> {
  const all: Shaken[] = []
  let session: Buffer | undefined
  for (let i = 0; i < times; i++) {
    const shaken = await shake(scene, { session: i % 2 === 0 ? undefined : session })
    session = shaken.session ?? session
    all.push(shaken)
  }
  return all
}

for (const mode of MODES) {
  test(`${mode}: 30 % of 1,000 handshakes, with sessions resumed among them; the same under the same seed`, async (t) => {
    const patterns: string[] = []
    for (const times of [1000, 200]) {
      const scene = await startScene(t, mode, { seed: 7 })
      const { id } = await scene.begin({ type: 'tls/expired', share: '30%', existing: 'keep' })
      const all = await shakeOften(scene, times)
      const pattern = all.map(({ error }) => error === '' ? '.' : 'x').join('')
      patterns.push(pattern)
      t.strictSame([...new Set(all.map(({ error }) => error))].sort(), ['', 'CERT_HAS_EXPIRED'])
      t.ok(all.filter(({ resumed }) => resumed).length > times / 5, 'many were resumed')
      const hit = pattern.replaceAll('.', '').length
      t.match(scene.proxy.fault(id).counters, { eligible: times, injected: hit, skipped: times - hit, capped: 0, unfit: 0 })
      const { lower, upper } = scene.proxy.fault(id).counters.share!
      t.ok(lower <= 0.3 && upper >= 0.3, `${hit} of ${times}: ${lower} to ${upper}`)
    }
    t.equal(patterns[1], patterns[0]!.slice(0, 200), 'the same decisions')
  })
}

test('match.sni, match.client, by: sni and max choose among handshakes', async (t) => {
  const scene = await startScene(t, 'own CA', { tls: { names: ['a.test', 'b.test', 'x.a.test'] } })
  const during = async (spec: Record<string, unknown>, asks: () => Promise<Shaken[]>): Promise<string> => {
    const { id } = await scene.begin({ type: 'tls/self-signed', existing: 'keep', ...spec })
    const seen = (await asks()).map(({ error }) => error === '' ? '.' : 'x').join('')
    const { eligible, injected, capped } = scene.proxy.removeFault(id).counters
    return `${seen} ${eligible} ${injected} ${capped}`
  }
  const named = (...names: string[]) => async () => {
    const all: Shaken[] = []
    for (const servername of names) all.push(await shake(scene, { servername }))
    return all
  }
  t.equal(await during({ match: { sni: 'a.test' } }, named('a.test', 'A.TEST', 'b.test', 'x.a.test', 'localhost')), 'xx... 2 2 0')
  t.equal(await during({ match: { sni: '*.a.test' } }, named('a.test', 'x.a.test')), '.x 1 1 0')
  t.equal(await during({ match: { client: '127.0.0.2' } }, async () => [
    await shake(scene), await shake(scene, { localAddress: '127.0.0.2' }), await shake(scene, { localAddress: '127.0.0.3' })
  ]), '.x. 1 1 0')
  t.equal(await during({ max: { total: 2 } }, named('a.test', 'b.test', 'a.test', 'b.test')), 'xx.. 4 2 2')

  const names = Array.from({ length: 12 }, (_, i) => `${String.fromCharCode(97 + i)}.localhost`)
  const [all] = (await during({ share: '50%', by: 'sni' }, named(...names, ...names))).split(' ')
  t.equal(all!.slice(0, 12), all!.slice(12), 'a name always gets the same')
  t.match(all, /x.*\.|\..*x/, 'and not all the same')
})

/** A connection on which one request was answered. */
async function inUse (
  t: Test, { port, trust: { ca } }: Scene
): Promise<{ socket: TLSSocket, ask: () => Promise<string>, ends: string[] }> {
  const raw = connect({ port, host: '127.0.0.1' })
  const socket = connectTls({ socket: raw, host: 'localhost', servername: 'localhost', ca })
  t.teardown(() => { socket.destroy() })
  const ends: string[] = []
  for (const one of [raw, socket]) {
    one.on('error', (error: NodeJS.ErrnoException) => { ends.push(error.code ?? error.message) }).on('end', () => { ends.push('FIN') })
  }
  const ask = (): Promise<string> => new Promise((resolve) => {
    let got = ''
    const over = (): void => {
      socket.removeAllListeners('data')
      resolve(got.split('\r\n')[0]!)
    }
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
      if (got.length - got.indexOf('\r\n\r\n') - 4 >= 65_536) over()
    })
    socket.once('close', over)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
  t.match(await ask(), '200')
  return { socket, ask, ends }
}

for (const mode of MODES) {
  test(`${mode}: keep, drain and cut, on connections that are open; and how many live on what was before`, async (t) => {
    const scene = await startScene(t, mode)
    const { proxy } = scene
    const preFault = (): number | undefined => proxy.snapshot().tls?.preFault

    const open = await Promise.all([inUse(t, scene), inUse(t, scene)])
    t.equal(preFault(), 0, 'no fault, none before it')
    const kept = await scene.begin({ type: 'tls/expired', existing: 'keep' })
    t.match(proxy.fault(kept.id).counters.existing, { ignore: 2, drain: 0, reset: 0 })
    t.equal(preFault(), 2)
    for (const { ask } of open) t.match(await ask(), '200', 'goes on')
    open[0]!.socket.destroy()
    await eventually(() => preFault() === 1, () => String(preFault()))
    proxy.removeFault(kept.id)
    t.equal(preFault(), 0)

    const drained = await scene.begin({ type: 'tls/expired', existing: 'drain' })
    t.match(proxy.fault(drained.id).counters.existing, { ignore: 0, drain: 1, reset: 0 })
    await eventually(() => open[1]!.socket.closed, () => 'open')
    t.strictSame([...new Set(open[1]!.ends)], ['FIN'], 'in order')
    await eventually(() => preFault() === 0, () => String(preFault()))
    proxy.removeFault(drained.id)

    const busy = await inUse(t, scene)
    const cut = await scene.begin({ type: 'tls/expired', existing: 'cut' })
    t.match(proxy.fault(cut.id).counters.existing, { ignore: 0, drain: 0, reset: 1 })
    await eventually(() => busy.socket.closed, () => 'open')
    t.strictSame(busy.ends, ['ECONNRESET'], 'by RST')
    t.equal((await shake(scene)).error, 'CERT_HAS_EXPIRED')
  })
}
