import { createServer as createHttpServer } from 'node:http'
import type { RequestListener, Server as HttpServer } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'

/** A server on loopback that a test opened. */
export interface Upstream<S extends Server = Server> {
  server: S
  port: number
  /** `127.0.0.1:port`, as a proxy's upstream is written. */
  address: string
  /** Every socket it ever accepted. */
  sockets: Socket[]
  /** Stops listening and resets what is open: the node dies. */
  kill (): Promise<void>
}

async function open<S extends Server> (t: Test, server: S, port: number): Promise<Upstream<S>> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve) })
  const real = (server.address() as AddressInfo).port
  const kill = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    for (const socket of sockets) socket.destroy()
    await closed
  }
  t.teardown(kill)
  return { server, port: real, address: `127.0.0.1:${real}`, sockets, kill }
}

/** A raw TCP server; half-open sockets are kept open. */
export function startUpstream (t: Test, accept: (socket: Socket) => void, port = 0): Promise<Upstream> {
  return open(t, createServer({ allowHalfOpen: true, noDelay: true }, accept), port)
}

/** A node:http server. */
export function startHttpUpstream (t: Test, listener: RequestListener, port = 0): Promise<Upstream<HttpServer>> {
  return open(t, createHttpServer({ keepAliveTimeout: 60_000 }, listener), port)
}

/** A raw server that answers every request without a body (it looks for empty lines) with what `answer` returns. */
export function startAnswering (t: Test, answer: (head: string, socket: Socket) => string): Promise<Upstream> {
  return startUpstream(t, (socket) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end + 4)
        text = text.slice(end + 4)
        const bytes = answer(head, socket)
        if (bytes !== '') socket.write(bytes, 'latin1')
      }
    })
    socket.on('end', () => { socket.end() })
  })
}

/** A whole response with a body, framed by its length. */
export function ok (body: string, extra = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${extra}\r\n${body}`
}

/** A port of loopback where nobody listens. */
export async function closedPort (): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
  return port
}

/**
 * A port of loopback that swallows packets: its queue of connections is full and nobody takes any out of it, so that the
 * kernel answers no SYN.
 */
export async function startBlackHole (t: Test): Promise<string> {
  const source = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(source, { eval: true, execArgv: [], env: {} })
  t.teardown(async () => { await worker.terminate() })
  const port = await new Promise<number>((resolve) => { worker.once('message', resolve) })
  for (let connected = true; connected;) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {})
    t.teardown(() => { socket.destroy() })
    connected = await Promise.race([
      new Promise<boolean>((resolve) => { socket.once('connect', () => { resolve(true) }) }),
      sleep(200, false)
    ])
  }
  return `127.0.0.1:${port}`
}
