import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'

/** The first bytes that a client of Node sends. */
export async function captureHello (options: ConnectionOptions): Promise<Buffer> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const client = connect({ ...options, host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  client.on('error', () => {})
  const bytes = await new Promise<Buffer>((resolve) => {
    server.once('connection', (socket) => {
      socket.once('data', (chunk: Buffer) => {
        socket.destroy()
        resolve(chunk)
      })
    })
  })
  client.destroy()
  server.close()
  return bytes
}

/** What a made-up ClientHello has. `extra` and `ticket` are lengths in bytes; `bare` leaves the extensions out. */
export interface HelloOptions {
  legacy?: number
  sessionId?: number
  sni?: string
  alpn?: string[]
  versions?: number[]
  ticket?: number
  extra?: number
  bare?: boolean
}

/** A ClientHello as a handshake message, without records (RFC 8446, 4.1.2). */
export function clientHello (options: HelloOptions): Buffer {
  const { legacy = 0x0303, sessionId = 0, sni, alpn, versions, ticket, extra, bare = false } = options
  const extension = (type: number, data: Buffer): Buffer => Buffer.concat([number(type, 2), vector(2, data)])
  const extensions = [
    ...sni === undefined ? [] : [extension(0, vector(2, Buffer.concat([Buffer.of(0), vector(2, Buffer.from(sni))])))],
    ...alpn === undefined ? [] : [extension(16, vector(2, Buffer.concat(alpn.map((name) => vector(1, Buffer.from(name))))))],
    ...versions === undefined ? [] : [extension(43, vector(1, Buffer.concat(versions.map((version) => number(version, 2)))))],
    ...ticket === undefined ? [] : [extension(35, Buffer.alloc(ticket))],
    ...extra === undefined ? [] : [extension(0xfafa, Buffer.alloc(extra))]
  ]
  const body = Buffer.concat([
    number(legacy, 2), Buffer.alloc(32, 7), vector(1, Buffer.alloc(sessionId, 9)),
    vector(2, Buffer.of(0x13, 1)), vector(1, Buffer.of(0)),
    ...bare ? [] : [vector(2, Buffer.concat(extensions))]
  ])
  return Buffer.concat([Buffer.of(1), vector(3, body)])
}

/** A handshake message in TLS records of these sizes, over and over. */
export function inRecords (message: Buffer, sizes: readonly number[] = [16_000]): Buffer {
  const records: Buffer[] = []
  for (let at = 0, i = 0; at < message.length; i++) {
    const part = message.subarray(at, at + sizes[i % sizes.length]!)
    records.push(Buffer.of(22, 3, 1), vector(2, part))
    at += part.length
  }
  return Buffer.concat(records)
}

function number (value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}

const vector = (prefix: number, data: Buffer): Buffer => Buffer.concat([number(data.length, prefix), data])
