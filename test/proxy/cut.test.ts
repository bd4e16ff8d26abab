import { connect } from 'node:net'
import { TLSSocket, connect as connectTls, createSecureContext } from 'node:tls'
import { test } from 'tap'
import { cut } from '../../src/proxy/cut.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { startUpstream } from '../helpers/upstream.ts'

test('RST, unless a FIN is under way', async (t) => {
  const ends: string[] = []
  const server = await startUpstream(t, (socket) => {
    socket.resume().on('error', (error: NodeJS.ErrnoException) => ends.push(error.code!)).on('end', () => { ends.push('FIN'); socket.end() })
  })
  const open = () => new Promise<ReturnType<typeof connect>>((resolve) => { const socket = connect(server.port, '127.0.0.1', () => resolve(socket)) })
  const closed = (socket: ReturnType<typeof connect>) => new Promise<void>((resolve) => { socket.on('close', () => resolve()) })
  const reset = await open()
  cut(reset, reset)
  await closed(reset)
  const ending = await open()
  ending.end()
  cut(ending, ending)
  await closed(ending)
  t.ok(reset.destroyed && ending.destroyed)
})

test('TLS whose FIN is under way is closed, as is the socket that it shares its handle with', async (t) => {
  const secureContext = createSecureContext(selfSigned('a.test'))
  const closed = new Promise<boolean>((resolve) => {
    void startUpstream(t, (raw) => {
      const socket = new TLSSocket(raw, { isServer: true, secureContext })
      socket.on('error', () => {})
      raw.on('close', () => { resolve(socket.destroyed) })
      socket.on('secure', () => {
        socket.end()
        cut(socket, raw)
      })
    }).then(({ port }) => {
      const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, allowHalfOpen: true } as object)
      client.on('error', () => {}).resume()
      t.teardown(() => { client.destroy() })
    })
  })
  t.ok(await closed)
})
