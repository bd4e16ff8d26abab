import { createConnection, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { TLSSocket, connect, createSecureContext } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { Observation } from '../../../src/measure/observation.ts'
import { HandshakeRecord } from '../../../src/proxy/tls/outcome.ts'
import { WireWatch } from '../../../src/proxy/tls/wire-watch.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { testIdentity } from '../../helpers/certificates.ts'

type Flight = [from: 'client' | 'node', bytes: Buffer]

/** All bytes of one connection, as they passed. */
async function capture (
  options: ConnectionOptions, pair: { cert: string, key: string }
): Promise<{ flights: Flight[], session: Buffer | undefined }> {
  const flights: Flight[] = []
  const context = contexts.get(pair.cert) ?? createSecureContext(pair)
  contexts.set(pair.cert, context)
  const server = createServer((raw) => {
    const socket = new TLSSocket(raw, { isServer: true, secureContext: context })
    socket.on('error', () => {}).on('data', () => { socket.end('bye') })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const front = createServer((client) => {
    const node = connectPlain((server.address() as AddressInfo).port)
    client.on('data', (chunk: Buffer) => { flights.push(['client', chunk]); node.write(chunk) }).on('end', () => node.end()).on('error', () => node.destroy())
    node.on('data', (chunk: Buffer) => { flights.push(['node', chunk]); client.write(chunk) }).on('end', () => client.end()).on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => { front.listen(0, '127.0.0.1', resolve) })
  let session: Buffer | undefined
  await new Promise<void>((resolve) => {
    const client = connect({ port: (front.address() as AddressInfo).port, host: '127.0.0.1', servername: 'localhost', ...options }, () => { client.write('hi') })
    client.on('session', (fresh: Buffer) => { session = fresh })
    client.on('error', () => {}).on('close', () => resolve()).resume()
  })
  server.close()
  front.close()
  return { flights, session }
}

const contexts = new Map<string, ReturnType<typeof createSecureContext>>()
const connectPlain = (port: number) => createConnection({ port, host: '127.0.0.1' })

function watch (flights: readonly Flight[], size = Infinity): Observation['handshake'] {
  const seen: Observation[] = []
  const clock = createVirtualClock()
  const record = new HandshakeRecord(null, clock, { observe: (observation) => { seen.push(observation) } }, { at: 'a', node: () => 'b', failed: () => {} })
  const wire = new WireWatch(record)
  for (const [from, bytes] of flights) {
    for (let at = 0; at < bytes.length; at += size) wire.push(from, bytes.subarray(at, Math.min(bytes.length, at + size)))
  }
  record.closed('closed')
  return seen[0]!.handshake
}

test('handshakes that others make, of both versions, in any chunks', async (t) => {
  const pair = await testIdentity()
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { flights, session } = await capture({ rejectUnauthorized: false, maxVersion }, pair)
    for (const size of [Infinity, 100, 1]) {
      t.match(watch(flights, size), { result: 'established', version: maxVersion, resumed: false }, `${maxVersion} in chunks of ${size}`)
    }
    const again = await capture({ rejectUnauthorized: false, maxVersion, session }, pair)
    t.match(watch(again.flights), { result: 'established', version: maxVersion, resumed: true }, `${maxVersion} resumed`)
  }
})

test('clients that turn a certificate down', async (t) => {
  const pair = await testIdentity()
  t.match(watch((await capture({ maxVersion: 'TLSv1.2' }, pair)).flights), { result: 'closed-without-data', version: 'TLSv1.2' })
  t.match(watch((await capture({ maxVersion: 'TLSv1.3' }, pair)).flights), { result: 'closed', version: 'TLSv1.3' })
})

test('alerts in the clear, from either side', async (t) => {
  const alert = (level: number, code: number): Buffer => Buffer.of(21, 3, 3, 0, 2, level, code)
  t.match(watch([['node', alert(2, 70)]]), { result: 'sent-alert:protocol_version' })
  t.match(watch([['client', alert(2, 48)]]), { result: 'alert:unknown_ca' })
  t.match(watch([['client', alert(2, 233)]]), { result: 'alert:233' })
  t.match(watch([['node', alert(1, 112)]]), { result: 'closed' }, 'a warning ends nothing')
})

test('what comes is not trusted', async (t) => {
  t.match(watch([['node', Buffer.concat([Buffer.of(22, 3, 3, 0, 2), Buffer.of(2, 0)])], ['client', Buffer.of(23, 3, 3, 0, 0)]]), {})
  t.match(watch([['node', Buffer.alloc(3000, 255)]]), { result: 'closed' })
})
