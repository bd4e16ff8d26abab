import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Test } from 'tap'

/** How a socket ended: `ended` if FIN came, `code` of the error if there was one. */
export interface Ending { ended: boolean, code: string | null }

/** A client that sends and reads bytes as they are. */
export class Raw {
  readonly socket: Socket
  /** Resolves when the socket has closed. */
  readonly closed: Promise<Ending>
  /** Resolves when FIN or an error has come. */
  readonly over: Promise<Ending>
  #chunks: Buffer[] = []
  #ended = false
  #code: string | null = null
  #changed: () => void = () => {}

  constructor (socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
      this.#changed()
    })
    const ending = (): Ending => ({ ended: this.#ended, code: this.#code })
    this.over = new Promise((resolve) => {
      socket.on('end', () => {
        this.#ended = true
        resolve(ending())
        this.#changed()
      })
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.#code = error.code ?? error.message
        resolve(ending())
        this.#changed()
      })
    })
    this.closed = new Promise((resolve) => { socket.on('close', () => { resolve(ending()) }) })
  }

  /** All that came so far. */
  get bytes (): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  get text (): string { return this.bytes.toString('latin1') }

  send (text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
    return this
  }

  /** Sends FIN. */
  end (): this {
    this.socket.end()
    return this
  }

  /** Waits until what came fits; returns it and forgets it. Rejects if the socket ends first. */
  async take (fits: (text: string) => boolean): Promise<string> {
    for (;;) {
      const text = this.text
      if (fits(text)) {
        this.#chunks = []
        return text
      }
      if (this.#ended || this.#code !== null) throw new Error(`ended (${this.#code ?? 'FIN'}) with ${JSON.stringify(text.slice(0, 500))}`)
      await new Promise<void>((resolve) => { this.#changed = resolve })
    }
  }
}

/** Connects to loopback; destroyed when the test is over. */
export async function openRaw (t: Test, port: number): Promise<Raw> {
  const raw = connectRaw(t, port)
  await new Promise<void>((resolve, reject) => { raw.socket.once('connect', resolve).once('error', reject) })
  return raw
}

/** The same without waiting: a proxy that resets what it accepts may be quicker than `connect`. */
export function connectRaw (t: Test, port: number): Raw {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  t.teardown(() => { socket.destroy() })
  return new Raw(socket)
}

/** A request without a body. */
export function get (path: string, extra = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\n${extra}\r\n`
}
