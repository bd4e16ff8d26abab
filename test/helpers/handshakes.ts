import { Duplex } from 'node:stream'
import { TLSSocket, connect, createSecureContext } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { StreamBehaviour } from '../../src/faults/fault.ts'
import type { Handshake, Hello, TlsVersion } from '../../src/faults/handshake.ts'
import { selfSigned } from './certificate.ts'

/** A handshake as a fault sees it. */
export function handshake (hello: Partial<Hello> = {}, more: Partial<Omit<Handshake, 'hello'>> = {}): Handshake {
  return {
    hello: { sni: 'api.test', alpn: ['h2', 'http/1.1'], versions: ['TLSv1.2', 'TLSv1.3'], resumes: false, ...hello },
    client: '127.0.0.1', terminated: true, ...more
  }
}

/** A record of TLS of a type, with so many bytes in it, all 0. */
export function record (type: number, length: number): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 255]), Buffer.alloc(length)])
}

/** What happened on a connection. */
export interface Exchange {
  /** What the server sent, chunk by chunk. */
  sent: Buffer[]
  /** How many bytes the client had got when hands were shaken; undefined if they never were. */
  shakenAt: number | undefined
  /** What the client read, in the clear. */
  received: Buffer
  /** The code of the client's error. */
  code: string | undefined
  /** To resume with. */
  session: Buffer | undefined
}

export interface ExchangeOptions {
  version?: TlsVersion
  /** What acts on the bytes that go to the client; waits are not waited for. */
  behaviour?: StreamBehaviour
  /** What the server answers with, each in a write of its own. */
  answer?: readonly Buffer[]
  session?: Buffer | undefined
  client?: ConnectionOptions
}

const identity = selfSigned('api.test')

/** The server's settings, the same for all, so that sessions can be resumed. */
const secureContext = createSecureContext({ ...identity, ecdhCurve: 'X25519:P-256' })

/** A client asks a server of node:tls, in this process and without sockets, and gets an answer and FIN. */
export function exchange ({ version = 'TLSv1.3', behaviour = {}, answer = [Buffer.alloc(1000)], session, client = {} }: ExchangeOptions = {}): Promise<Exchange> {
  const found: Exchange = { sent: [], shakenAt: undefined, received: Buffer.alloc(0), code: undefined, session: undefined }
  let delivered = 0
  let cut = false
  return new Promise((resolve) => {
    const [near, far] = [end(), end()]
    near.to = (chunk) => { far.duplex.push(chunk) }
    far.to = (chunk) => {
      if (cut) return
      if (chunk === null) return void near.duplex.push(null)
      // What is written is only lent.
      const bytes = Buffer.from(chunk)
      found.sent.push(bytes)
      const action = behaviour.chunk?.(bytes, 0) ?? { do: 'pass' }
      const out = action.do === 'replace' ? Buffer.from(action.bytes) : action.do === 'cut' ? bytes.subarray(0, action.bytes) : bytes
      delivered += out.length
      near.duplex.push(out)
      if (action.do !== 'cut') return
      cut = true
      near.duplex.push(null)
    }
    const server = new TLSSocket(far.duplex, { isServer: true, secureContext })
    server.on('error', () => {})
    server.once('data', () => {
      for (const part of answer) server.write(part)
      server.end()
    })
    const socket = connect({ socket: near.duplex, servername: 'api.test', rejectUnauthorized: false, minVersion: version, maxVersion: version, ...session === undefined ? {} : { session }, ...client }, () => {
      found.shakenAt = delivered
      socket.write('hello')
    })
    socket.on('session', (latest) => { found.session = latest })
    socket.on('data', (chunk) => { found.received = Buffer.concat([found.received, chunk]) })
    const over = (): void => {
      for (const one of [socket, server, near.duplex, far.duplex]) one.destroy()
      resolve(found)
    }
    socket.on('error', (error: NodeJS.ErrnoException) => {
      found.code = error.code
      over()
    })
    socket.on('end', over)
    socket.on('close', over)
  })
}

interface End { duplex: Duplex, to: (chunk: Buffer | null) => void }

function end (): End {
  const made: End = {
    to: () => {},
    duplex: new Duplex({
      read () {},
      write (chunk: Buffer, _, done) {
        made.to(chunk)
        done()
      },
      final (done) {
        made.to(null)
        done()
      }
    })
  }
  return made
}
