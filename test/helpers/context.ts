import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { TLSSocket, connect } from 'node:tls'
import type { SecureContext, SecureVersion } from 'node:tls'

/** One handshake of a client that takes any certificate; the session is the last that it was given. */
export async function handshakeWith (
  context: SecureContext, { version, session }: { version?: SecureVersion, session?: Buffer | undefined }
): Promise<{ reused: boolean, version: string | null, session: Buffer | undefined }> {
  const server = createServer((raw) => {
    const socket = new TLSSocket(raw, { isServer: true, secureContext: context })
    socket.on('error', () => {}).on('data', () => socket.end('bye')).resume()
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  let given: Buffer | undefined
  const found = await new Promise<{ reused: boolean, version: string | null }>((resolve, reject) => {
    let seen: { reused: boolean, version: string | null }
    const { port } = server.address() as AddressInfo
    const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, session, maxVersion: version }, () => {
      seen = { reused: client.isSessionReused(), version: client.getProtocol() }
      client.write('hi')
    })
    client.on('session', (fresh: Buffer) => { given = fresh })
    client.on('error', reject).on('close', () => resolve(seen)).resume()
  })
  server.close()
  return { ...found, session: given }
}
