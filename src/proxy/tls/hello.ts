import { TLS_VERSIONS } from '../../faults/handshake.ts'
import type { Hello, TlsVersion } from '../../faults/handshake.ts'

/** How long a ClientHello may be, what frames it included; in bytes. */
export const LONGEST_HELLO = 64 * 1024

const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
const LONGEST_RECORD = 16_384
const EXTENSION = { serverName: 0, alpn: 16, sessionTicket: 35, preSharedKey: 41, supportedVersions: 43 }

/**
 * Reads a ClientHello as its bytes come, over any number of TCP segments and TLS records (RFC 8446, 5.1). Each byte is
 * looked at once, and none beyond `LONGEST_HELLO` is taken.
 */
export class HelloReader {
  readonly #header = Buffer.alloc(5)
  #headerLength = 0
  /** Bytes of the current record still to come. */
  #left = 0
  #message: Buffer = Buffer.alloc(512)
  #length = 0
  #taken = 0

  /** The hello; `more` while it is not whole; or `not-tls`, also for one that is malformed or too long. */
  push (chunk: Buffer): Hello | 'more' | 'not-tls' {
    this.#taken += chunk.length
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) {
        this.#header[this.#headerLength++] = chunk[at++]!
        if (!this.#plausible()) return 'not-tls'
        if (this.#headerLength === 5) {
          this.#left = this.#header.readUInt16BE(3)
          this.#headerLength = 0
        }
        continue
      }
      const end = Math.min(chunk.length, at + this.#left)
      this.#append(chunk, at, end)
      this.#left -= end - at
      at = end
      const found = this.#whole()
      if (found !== 'more') return found
    }
    return this.#taken > LONGEST_HELLO ? 'not-tls' : 'more'
  }

  #plausible (): boolean {
    const [type, major] = this.#header
    if (type !== HANDSHAKE_RECORD || (this.#headerLength > 1 && major !== 3)) return false
    if (this.#headerLength < 5) return true
    const length = this.#header.readUInt16BE(3)
    return length > 0 && length <= LONGEST_RECORD
  }

  #append (chunk: Buffer, from: number, to: number): void {
    const length = this.#length + to - from
    if (length > this.#message.length) {
      const larger = Buffer.alloc(2 ** Math.ceil(Math.log2(length)))
      this.#message.copy(larger, 0, 0, this.#length)
      this.#message = larger
    }
    chunk.copy(this.#message, this.#length, from, to)
    this.#length = length
  }

  #whole (): Hello | 'more' | 'not-tls' {
    if (this.#message[0] !== CLIENT_HELLO) return 'not-tls'
    if (this.#length < 4) return 'more'
    const end = 4 + this.#message.readUIntBE(1, 3)
    if (end > LONGEST_HELLO) return 'not-tls'
    return this.#length < end ? 'more' : parseHello(this.#message.subarray(4, end)) ?? 'not-tls'
  }
}

/** A ClientHello's body (RFC 8446, 4.1.2); null if it is malformed. */
function parseHello (body: Buffer): Hello | null {
  try {
    return read(new Cursor(body))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function read (hello: Cursor): Hello {
  const legacy = hello.number(2)
  hello.skip(32)
  const sessionId = hello.vector(1)
  hello.vector(2)
  hello.vector(1)
  let sni: string | undefined
  let alpn: string[] = []
  let versions = versionsUpTo(legacy)
  let ticket = false
  const extensions = hello.done ? hello : hello.vector(2)
  while (!extensions.done) {
    const type = extensions.number(2)
    const data = extensions.vector(2)
    switch (type) {
      case EXTENSION.serverName: sni = serverName(data); break
      case EXTENSION.alpn: alpn = protocols(data); break
      case EXTENSION.supportedVersions: versions = supported(data); break
      case EXTENSION.sessionTicket: ticket ||= !data.done; break
      case EXTENSION.preSharedKey: ticket = true; break
    }
  }
  // A client that can do 1.3 sends a session id that means nothing (RFC 8446, D.4).
  const session = !sessionId.done && !versions.includes('TLSv1.3')
  return { sni, alpn, versions, resumes: ticket || session }
}

// RFC 6066, 3: a list of names, of which only host names are defined.
function serverName (data: Cursor): string | undefined {
  const names = data.vector(2)
  while (!names.done) {
    const type = names.number(1)
    const name = names.vector(2).text()
    if (type === 0 && name !== '') return name.toLowerCase().replace(/\.$/, '')
  }
  return undefined
}

function protocols (data: Cursor): string[] {
  const list = data.vector(2)
  const found: string[] = []
  while (!list.done) found.push(list.vector(1).text())
  return found
}

function supported (data: Cursor): TlsVersion[] {
  const list = data.vector(1)
  const codes = new Set<number>()
  while (!list.done) codes.add(list.number(2))
  return TLS_VERSIONS.filter((_, i) => codes.has(0x0301 + i))
}

const versionsUpTo = (legacy: number): TlsVersion[] => TLS_VERSIONS.filter((_, i) => 0x0301 + i <= Math.min(legacy, 0x0303))

/** Reads numbers and vectors of TLS's presentation language (RFC 8446, 3) one after the other; RangeError past the end. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor (bytes: Buffer) {
    this.#bytes = bytes
  }

  get done (): boolean { return this.#at === this.#bytes.length }

  skip (length: number): void { this.#take(length) }

  number (length: number): number { return this.#take(length).readUIntBE(0, length) }

  /** Bytes whose number stands before them, in so many bytes. */
  vector (prefix: number): Cursor { return new Cursor(this.#take(this.number(prefix))) }

  text (): string { return this.#take(this.#bytes.length - this.#at).toString('latin1') }

  #take (length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('past the end')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}
