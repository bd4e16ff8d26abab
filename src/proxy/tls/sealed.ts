import type { Outcome } from '../../measure/observation.ts'
import type { Wire } from '../handler.ts'
import { Tunnel } from '../tunnel.ts'
import type { HandshakeRecord } from './outcome.ts'
import { WireWatch } from './wire-watch.ts'

/** Relays a TLS connection unread, and sees by its records what comes of the handshake. */
export class Sealed extends Tunnel {
  readonly #record: HandshakeRecord
  #watch: WireWatch | null

  constructor (wire: Wire, record: HandshakeRecord) {
    super(wire)
    this.#record = record
    this.#watch = new WireWatch(record)
  }

  override clientData (chunk: Buffer): void {
    this.#look('client', chunk)
    super.clientData(chunk)
  }

  override upstreamData (chunk: Buffer): void {
    this.#look('node', chunk)
    super.upstreamData(chunk)
  }

  override closed (outcome: Outcome): void {
    if (outcome === 'refused') this.#record.settle('failed')
    else this.#record.closed(outcome === 'reset' || outcome === 'client-gone' ? 'reset' : 'closed')
    super.closed(outcome)
  }

  #look (from: 'client' | 'node', chunk: Buffer): void {
    if (this.#watch === null) return
    this.#watch.push(from, chunk)
    if (this.#record.settled) this.#watch = null
  }
}
