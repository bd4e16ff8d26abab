import { alertName } from '../../faults/alerts.ts'
import type { HandshakeRecord } from './outcome.ts'

const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const APPLICATION_DATA = 23
const SERVER_HELLO = 2
const CERTIFICATE = 11

/** How much of a record's beginning is looked at, in bytes: a ServerHello of TLS 1.3 fits. */
const LOOKED_AT = 512

/** The length of a record with an encrypted alert in TLS 1.3: alert, type and tag (RFC 8446, 5.2). */
const ENCRYPTED_ALERT = 2 + 1 + 16

const VERSIONS: Readonly<Record<number, string>> = { 0x0301: 'TLSv1', 0x0302: 'TLSv1.1', 0x0303: 'TLSv1.2', 0x0304: 'TLSv1.3' }

/**
 * Sees from the records of both sides what comes of a handshake that others make: its version, whether it is resumed, the
 * alert that ended it, and when it is done. What is encrypted stays so; an alert of TLS 1.3 shows by its length alone.
 */
export class WireWatch {
  readonly #record: HandshakeRecord
  readonly #sides = { client: new Records(), node: new Records() }
  #version: string = ''
  #resumed = false
  /** What the node sends as handshake is encrypted by now, in TLS 1.2. */
  #changed = false
  /** Encrypted records that the client has sent since the ServerHello. */
  #sealed = 0

  constructor (record: HandshakeRecord) {
    this.#record = record
  }

  push (from: 'client' | 'node', chunk: Uint8Array): void {
    this.#sides[from].push(chunk, (type, length, start) => {
      if (!this.#record.settled) this.#see(from, type, length, start)
    })
  }

  #see (from: 'client' | 'node', type: number, length: number, start: Uint8Array): void {
    const sentOrReceived = from === 'client' ? 'alert' : 'sent-alert'
    switch (type) {
      case ALERT: {
        // A warning ends nothing. One that is encrypted (longer, in TLS 1.2) comes after the handshake, and may say goodbye.
        if (length === 2 && start[0] === 2) this.#record.settle(`${sentOrReceived}:${alertName(start[1]!)}`)
        return
      }
      case HANDSHAKE: {
        if (from === 'client' || this.#changed) return
        if (start[0] === SERVER_HELLO) this.#serverHello(start)
        // Anything after the ServerHello but a Certificate is a resumption; so it is in one record with it, too.
        if (start[0] === CERTIFICATE) this.#resumed = false
        return
      }
      case CHANGE_CIPHER_SPEC: {
        if (from === 'node') this.#changed = true
        // The client's is its last word in a handshake of TLS 1.2 that is not resumed.
        if (this.#version !== 'TLSv1.3' && from === 'client') this.#record.finished(this.#version, this.#resumed)
        return
      }
      case APPLICATION_DATA: {
        if (this.#version !== 'TLSv1.3') return this.#used()
        if (from === 'node') return
        if (++this.#sealed > 1) return this.#used()
        if (length === ENCRYPTED_ALERT) this.#record.settle('alert:encrypted')
        else this.#record.finished(this.#version, this.#resumed)
      }
    }
  }

  #used (): void {
    this.#record.finished(this.#version, this.#resumed)
    this.#record.used()
  }

  // RFC 8446, 4.1.3: version, random, session id, cipher suite, compression, extensions.
  #serverHello (start: Uint8Array): void {
    const bytes = Buffer.from(start)
    const messageLength = bytes.length >= 4 ? bytes.readUIntBE(1, 3) : 0
    let version = bytes.length >= 6 ? bytes.readUInt16BE(4) : 0
    let psk = false
    let at = 4 + 2 + 32
    at += 1 + (bytes[at] ?? 0) + 2 + 1 + 2
    const end = Math.min(bytes.length, 4 + messageLength)
    while (at + 4 <= end) {
      const type = bytes.readUInt16BE(at)
      const length = bytes.readUInt16BE(at + 2)
      if (type === 43 && at + 6 <= end) version = bytes.readUInt16BE(at + 4)
      if (type === 41) psk = true
      at += 4 + length
    }
    this.#version = VERSIONS[version] ?? ''
    this.#resumed = this.#version === 'TLSv1.3' ? psk : bytes[4 + messageLength] !== CERTIFICATE
    this.#record.version = this.#version
  }
}

/** Finds the records in one side's bytes. */
class Records {
  readonly #header = new Uint8Array(5)
  #have = 0
  #left = 0
  #length = 0
  #start = new Uint8Array(LOOKED_AT)
  #kept = 0

  push (chunk: Uint8Array, see: (type: number, length: number, start: Uint8Array) => void): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) {
        this.#header[this.#have++] = chunk[at++]!
        if (this.#have < 5) continue
        this.#length = this.#left = this.#header[3]! * 256 + this.#header[4]!
        this.#have = 0
        this.#kept = 0
        continue
      }
      const end = Math.min(chunk.length, at + this.#left)
      const look = Math.min(end - at, LOOKED_AT - this.#kept)
      this.#start.set(chunk.subarray(at, at + look), this.#kept)
      this.#kept += look
      this.#left -= end - at
      at = end
      if (this.#left === 0) see(this.#header[0]!, this.#length, this.#start.subarray(0, this.#kept))
    }
  }
}
