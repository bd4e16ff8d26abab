import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { PremortemError } from '../kernel/errors.ts'

/** An open listening socket. */
export interface Listener {
  readonly address: { host: string, port: number }
  /** Takes no more connections; resolves when the port is free. Open connections go on. */
  close (): Promise<void>
}

/**
 * Listens on an address and hands over each accepted socket. Port 0 takes a free one.
 * Throws PMT_ERR_ADDRESS_IN_USE or PMT_ERR_ADDRESS, naming the address.
 */
export async function listen (host: string, port: number, accept: (socket: Socket) => void): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
      const inUse = error.code === 'EADDRINUSE'
      reject(new PremortemError(inUse ? 'PMT_ERR_ADDRESS_IN_USE' : 'PMT_ERR_ADDRESS', {
        message: inUse ? `${address} is in use` : `cannot listen on ${address} (${error.code})`, found: address, cause: error
      }))
    })
    server.listen({ port, host: host === '' ? undefined : host, backlog: 1024 }, resolve)
  })
  server.removeAllListeners('error')
  // An accept that fails (EMFILE) must not take the process down; the next one may succeed.
  server.on('error', () => {})
  const { address, port: real } = server.address() as AddressInfo
  // Node's close() waits for connections too; the port is free as soon as it is called.
  return { address: { host: address, port: real }, close: async () => { server.close() } }
}
