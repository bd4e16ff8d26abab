import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import type { ObservedHandshake } from '../../src/measure/observation.ts'
import { eventually } from '../helpers/proxy.ts'
import { CLIENTS, classify, openssl, sessionFile, startClient, startCurl } from '../helpers/tls-clients.ts'
import type { ClientName, Newest, TlsClient } from '../helpers/tls-clients.ts'
import { MODES, startScene } from '../helpers/tls-scene.ts'
import type { Mode, Scene } from '../helpers/tls-scene.ts'
import { hasTools } from '../helpers/tools.ts'

// Sessions that are resumed and connections that are kept alive are what masks a certificate (see docs/tls.md).

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const satisfies Newest[]

/** Who keeps connections, and who is sure to resume sessions; undici's fetch and agent do until their garbage is collected. */
const KEEP: readonly ClientName[] = ['https', 'undici', 'fetch', 'python']
const RESUMES: Partial<Record<ClientName, boolean>> = { https: true, 'https fresh': false, curl: false, openssl: false, python: false }

/** What each sees of an expired certificate; where nobody trusts who issued it, OpenSSL's own clients name that instead. */
const seesExpired = (name: ClientName, mode: Mode): string => {
  const [number, text] = mode === 'own CA' ? [10, 'certificate has expired'] : [20, 'unable to get local issuer certificate']
  switch (name) {
    case 'curl': return `(60) ${text}`
    case 'openssl': return `${number} ${text}`
    case 'python': return `CERTIFICATE_VERIFY_FAILED ${number} ${text}`
    default: return 'CERT_HAS_EXPIRED'
  }
}

const handshakes = ({ observations }: Scene): ObservedHandshake[] => observations.flatMap(({ handshake }) => handshake ?? [])

/** How many answers came over connections that a fault has hit; of refused clients there are none. */
const answers = ({ observations }: Scene): number =>
  observations.filter(({ kind, faults, status }) => kind === 'exchange' && faults.length > 0 && status > 0).length

/** Waits until nobody lives on what was before the fault, and knows it. */
async function drained ({ proxy }: Scene): Promise<void> {
  await eventually(() => proxy.snapshot().tls?.preFault === 0, () => JSON.stringify(proxy.connectionViews()))
  await sleep(100)
}

/** A client asks; the handshakes that came of it. Those are observed by the time it has its answer, or turns away. */
async function asks (scene: Scene, client: TlsClient, path?: string): Promise<{ seen: string, made: ObservedHandshake[] }> {
  const before = handshakes(scene).length
  const seen = await client.ask(path)
  return { seen, made: handshakes(scene).slice(before) }
}

/** Every client, each with a connection kept alive and a session to resume where it has such things. */
async function acquainted (t: Test, scene: Scene, newest: Newest): Promise<[ClientName, TlsClient][]> {
  const clients: [ClientName, TlsClient][] = []
  for (const name of CLIENTS) {
    const client = startClient(t, name, scene, newest)
    clients.push([name, client])
    // undici keeps no connection any more once a server has closed one.
    t.equal(await client.ask(name === 'undici' ? '/' : '/close'), 'ok', `${name} works`)
    if (name === 'undici') {
      t.strictSame(await asks(scene, client), { seen: 'ok', made: [] }, `${name}'s connection is kept`)
      continue
    }
    const { seen, made } = await asks(scene, client)
    t.equal(seen, 'ok', `${name} goes on`)
    t.match(made, [{ result: 'established', version: newest, sni: 'localhost' }], `${name} has shaken hands`)
    t.equal(made[0]?.resumed, RESUMES[name] ?? made[0]?.resumed, `${name}'s session`)
    if (!KEEP.includes(name)) continue
    t.strictSame(await asks(scene, client), { seen: 'ok', made: [] }, `${name}'s connection is kept`)
  }
  return clients
}

for (const mode of MODES) {
  for (const newest of VERSIONS) {
    test(`${mode}, ${newest}: nobody is spared by a kept connection or a session, and all go on afterwards`, async (t) => {
      if (!hasTools(t, 'curl', 'openssl', 'python3')) return
      const scene = await startScene(t, mode)
      const clients = await acquainted(t, scene, newest)
      const session = sessionFile(scene)
      t.equal(await openssl(t, scene, newest, ['-sess_out', session]), 'ok')

      // One process of curl whose second URL comes after the fault: by the same connection, or by another and the session.
      // What passes unread ends after a moment of silence, which is hard to place; otherwise it ends after its exchange.
      const paths = mode === 'own CA' ? ['/gate', '/gate-close'] : ['/gate-close']
      const curls = paths.map((path) => ({ path, ...startCurl(t, scene, newest, [path, '/']) }))
      await eventually(() => scene.upstream.waiting === paths.length, () => `${scene.upstream.waiting} wait`)
      const { id } = await scene.begin({ type: 'tls/expired' })
      scene.upstream.open()
      for (const { path, seen } of curls) t.equal(await seen, seesExpired('curl', mode), `curl, after ${path}`)

      await drained(scene)
      t.ok(scene.proxy.fault(id).counters.existing.drain >= KEEP.length, 'the kept ones were drained')
      const [from, asked] = [handshakes(scene).length, answers(scene)]
      t.equal(await openssl(t, scene, newest, ['-sess_in', session]), seesExpired('openssl', mode), 'openssl with a session of before')
      for (const round of ['first', 'again']) {
        for (const [name, client] of clients) t.equal(classify(await client.ask()), classify(seesExpired(name, mode)), `${name}, ${round}`)
      }
      t.notOk(handshakes(scene).slice(from).some(({ resumed }) => resumed), 'none has resumed')
      t.equal(answers(scene), asked, 'nobody has asked for anything')

      scene.proxy.removeFault(id)
      for (const [name, client] of clients) t.equal(await client.ask(), 'ok', `${name} works again`)
      t.equal(await openssl(t, scene, newest, ['-sess_in', session]), 'ok', 'openssl, with the session of before')
      t.match(handshakes(scene).at(-1), { resumed: true }, 'which is resumed')
    })

    test(`${mode}, ${newest}: a certificate that lapses is seen by who shakes hands in full, and by no other`, async (t) => {
      if (!hasTools(t, 'curl', 'openssl', 'python3')) return
      const scene = await startScene(t, mode)
      const clients = await acquainted(t, scene, newest)
      const session = sessionFile(scene)
      t.equal(await openssl(t, scene, newest, ['-sess_out', session]), 'ok')
      const { id } = await scene.begin({ type: 'tls/expired', realism: 'natural' })
      t.ok(scene.proxy.fault(id).counters.existing.ignore >= KEEP.length)
      t.ok(scene.proxy.snapshot().tls!.preFault >= KEEP.length)
      for (const [name, client] of clients) {
        const kept = KEEP.includes(name)
        t.equal(await client.ask('/close'), kept ? 'ok' : seesExpired(name, mode), `${name}, whose connection is ${kept ? 'kept' : 'new'}`)
        const { seen, made } = await asks(scene, client)
        const resumed = made.some((handshake) => handshake.resumed)
        t.equal(seen, resumed ? 'ok' : seesExpired(name, mode), `${name}, on a new connection`)
        t.equal(resumed, RESUMES[name] ?? resumed, `${name} ${resumed ? 'has' : 'has not'} resumed`)
      }
      t.equal(await openssl(t, scene, newest, ['-sess_in', session]), 'ok', 'openssl with a session of before')
      t.match(handshakes(scene).at(-1), { resumed: true })
      scene.proxy.removeFault(id)
      // Idle connections that began under it end.
      await sleep(100)
      for (const [name, client] of clients) t.equal(await client.ask(), 'ok', `${name} works again`)
    })
  }
}
