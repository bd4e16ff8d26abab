import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'

/** What came of a handshake: `ok`, or the code of the client's error and its text. */
export interface Verdict { code: string, message: string }

/** Shows a certificate to a client of Node, over a real connection on loopback, and says what the client makes of it. */
export async function shownTo (identity: { cert: string, key: string }, client: ConnectionOptions): Promise<Verdict> {
  const server = createServer({ cert: identity.cert, key: identity.key }, (socket) => {
    socket.on('error', () => {})
    socket.end()
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...client }, () => {
        socket.destroy()
        resolve({ code: 'ok', message: '' })
      })
      socket.once('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? 'none', message: error.message }))
    })
  } finally {
    server.close()
  }
}
