import type { Socket } from 'node:net'
import type { Hello } from '../../faults/handshake.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { HelloReader } from './hello.ts'

/** How long a client may take over its ClientHello, in milliseconds. */
export const HELLO_TIMEOUT = 5000

/** What the beginning of a connection is. `bytes` have been read and are to be dealt with by whoever goes on. */
export type Peeked = { bytes: Buffer } & ({ is: 'hello', hello: Hello } | { is: 'not-tls' | 'timeout' | 'closed' })

/**
 * Reads a socket until its ClientHello is whole, or until it is plain that there will be none: `timeout` after five
 * seconds, `closed` when the client ended before. Then it is read no more.
 */
export function peek (socket: Socket, clock: Clock, done: (peeked: Peeked) => void): Cancel {
  const reader = new HelloReader()
  const chunks: Buffer[] = []
  const stop = (): void => {
    cancelTimer()
    socket.removeListener('readable', onReadable)
    socket.removeListener('end', onEnd)
  }
  const settle = (found: { is: 'hello', hello: Hello } | { is: 'not-tls' | 'timeout' | 'closed' }): void => {
    stop()
    done({ ...found, bytes: Buffer.concat(chunks) })
  }
  const onReadable = (): void => {
    for (let chunk: Buffer | null; (chunk = socket.read() as Buffer | null) !== null;) {
      chunks.push(chunk)
      const found = reader.push(chunk)
      if (found === 'more') continue
      return settle(found === 'not-tls' ? { is: 'not-tls' } : { is: 'hello', hello: found })
    }
  }
  const onEnd = (): void => { settle({ is: 'closed' }) }
  const cancelTimer = clock.after(HELLO_TIMEOUT, () => { settle({ is: 'timeout' }) })
  socket.on('readable', onReadable)
  socket.on('end', onEnd)
  return stop
}
