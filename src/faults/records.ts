/** The part of one TLS record (RFC 8446, 5.1) that lies in a chunk. */
export interface RecordPart {
  /** Where it begins and ends in the chunk, and where what is not its header begins. */
  readonly from: number
  readonly payload: number
  readonly to: number
  /** The record begins, or ends, with it. */
  readonly first: boolean
  readonly last: boolean
  /** It carries application data, from behind the handshake. */
  readonly application: boolean
}

const HEADER = 5
const CHANGE_CIPHER_SPEC = 20
const HANDSHAKE = 22
const APPLICATION_DATA = 23
const HEARTBEAT = 24

/** A ciphertext is at most this long (RFC 5246, 6.2.3); what claims more is no TLS. */
const LONGEST = 16_384 + 2048

/** As much of the ServerHello as is kept: a key share of today takes 1.1 KiB. */
const HELLO_KEPT = 4096

/** An EncryptedExtensions with all there commonly is in it is shorter; one with a certificate behind it is longer. */
const EXTENSIONS_ALONE = 128

/**
 * Finds the records in the bytes that a server sends, whatever chunks they come in, from its first byte on. It keeps a
 * header and, for a while, a ServerHello.
 *
 * Up to TLS 1.2, records of type 23 are application data. In TLS 1.3 the server's encrypted handshake has the same type; it
 * is over with its Finished, which most servers send as a record of its own, whose length the cipher suite tells. Where the
 * messages are packed into one record, it is over where a chunk ends with a record, since the server then waits for the
 * client. The session tickets that follow look like application data, and count as such: with OpenSSL some 500 bytes.
 */
export class RecordReader {
  #opaque = false
  readonly #header = Buffer.alloc(HEADER)
  #had = 0
  #type = 0
  #length = 0
  #left = 0
  #application = false
  #hello: Buffer | null = Buffer.alloc(0)
  /** The length of the server's Finished in TLS 1.3; 0 where there is no encrypted handshake. */
  #finished = 0
  #encrypted = 0
  #firstEncrypted = 0
  #flightOver = false
  #seen = false

  /** No application data has come, and the handshake may go on. */
  get handshaking (): boolean {
    return !this.#opaque && !this.#seen && !this.#flightOver
  }

  /** The records of a chunk, in its order. None once the bytes turn out not to be TLS. */
  read (chunk: Uint8Array): RecordPart[] {
    const parts: RecordPart[] = []
    let at = 0
    while (at < chunk.length && !this.#opaque) {
      const from = at
      const first = this.#had === 0
      while (this.#had < HEADER && at < chunk.length) {
        this.#header[this.#had++] = chunk[at++]!
        if (this.#had === HEADER) this.#begin()
      }
      if (this.#opaque) break
      const payload = at
      const whole = this.#had === HEADER
      if (whole) at += Math.min(this.#left, chunk.length - at)
      this.#left -= at - payload
      if (this.#type === HANDSHAKE && whole) this.#keep(chunk.subarray(payload, at))
      const last = whole && this.#left === 0
      parts.push({ from, payload, to: at, first, last, application: whole && this.#application })
      if (last) this.#end()
    }
    if (this.#had === 0 && this.#packs()) this.#flightOver = true
    return parts
  }

  #begin (): void {
    this.#type = this.#header[0]!
    this.#length = this.#left = this.#header.readUInt16BE(3)
    const known = this.#type >= CHANGE_CIPHER_SPEC && this.#type <= HEARTBEAT
    if (!known || this.#header[1] !== 3 || this.#length > LONGEST) this.#opaque = true
    this.#application = this.#type === APPLICATION_DATA && (this.#finished === 0 || this.#flightOver)
    if (this.#application) this.#seen = true
  }

  #keep (bytes: Uint8Array): void {
    if (this.#hello === null) return
    this.#hello = Buffer.concat([this.#hello, bytes.subarray(0, HELLO_KEPT - this.#hello.length)])
  }

  #end (): void {
    this.#had = 0
    if (this.#type === HANDSHAKE && this.#hello !== null) {
      this.#finished = finishedIn(this.#hello)
      this.#hello = null
    } else if (this.#type === APPLICATION_DATA && this.#finished > 0 && !this.#flightOver) {
      if (this.#encrypted++ === 0) this.#firstEncrypted = this.#length
      this.#flightOver = this.#length === this.#finished
    }
  }

  /** Whether the first encrypted record held more than EncryptedExtensions, which are 6 bytes and more. */
  #packs (): boolean {
    if (this.#encrypted === 0) return false
    return this.#firstEncrypted >= EXTENSIONS_ALONE || (this.#encrypted === 1 && this.#firstEncrypted >= this.#finished + 6)
  }
}

const SERVER_HELLO = 2
const SUPPORTED_VERSIONS = 43
const TLS_1_3 = 0x0304
const AES_256_GCM_SHA384 = 0x1302
const AES_128_CCM_8_SHA256 = 0x1305

/** The length of an encrypted Finished under what this ServerHello (RFC 8446, 4.1.3) has chosen; 0 below TLS 1.3. */
function finishedIn (hello: Buffer): number {
  try {
    if (hello[0] !== SERVER_HELLO) return 0
    const cipherAt = 39 + hello.readUInt8(38)
    const cipher = hello.readUInt16BE(cipherAt)
    const end = cipherAt + 5 + hello.readUInt16BE(cipherAt + 3)
    for (let at = cipherAt + 5; at < end; at += 4 + hello.readUInt16BE(at + 2)) {
      if (hello.readUInt16BE(at) !== SUPPORTED_VERSIONS || hello.readUInt16BE(at + 4) !== TLS_1_3) continue
      const hash = cipher === AES_256_GCM_SHA384 ? 48 : 32
      const tag = cipher === AES_128_CCM_8_SHA256 ? 8 : 16
      return 4 + hash + 1 + tag
    }
  } catch { /* it ends too early: no ServerHello of TLS 1.3 */ }
  return 0
}
