import type { Outcome } from '../measure/observation.ts'
import type { Handler, Wire } from './handler.ts'

/** How long nothing may pass before a connection that is to be drained ends, in milliseconds. */
const QUIET = 50

/** Relays bytes without looking at them. */
export class Tunnel implements Handler {
  readonly name = 'opaque'
  readonly keeps = false
  readonly #wire: Wire
  readonly openSince: number | null
  #over = false
  #quiet: { bytes: number } | null = null
  /** What the client sent before the node was reached; reading stops after the first chunk. */
  #early: Buffer[] = []

  constructor (wire: Wire) {
    this.#wire = wire
    // On a tcp proxy the connection itself is what is measured.
    this.openSince = wire.protocol === 'tcp' ? wire.clock.now() : null
  }

  clientData (chunk: Buffer): void {
    if (this.#wire.up !== null) return this.#wire.up.write(chunk)
    if (this.#wire.upstream === 'failed') return this.#wire.reset('refused')
    this.#early.push(chunk)
    this.#wire.holdClient(true)
  }

  upstreamOpen (): void {
    for (const chunk of this.#early) this.#wire.up!.write(chunk)
    this.#early = []
    this.#wire.holdClient(false)
  }

  upstreamData (chunk: Buffer): void { this.#wire.down.write(chunk) }
  clientEnd (): void { this.#wire.endUp() }
  upstreamEnd (): void { this.#wire.down.end() }
  upstreamFailed (): void { this.#wire.reset('refused') }
  upstreamBroken (): boolean { return false }
  planChanged (): void {}
  drained (): void {}

  // Where messages end is not to be seen, so it is a moment of silence that is waited for.
  drain (): void {
    if (this.#quiet === null) this.#drainWhenQuiet()
  }

  closed (_outcome: Outcome): void { this.#over = true }

  #drainWhenQuiet (): void {
    const { down, up, clock } = this.#wire
    const bytes = down.bytes + (up?.bytes ?? 0)
    if (this.#over) return
    if (this.#quiet?.bytes === bytes) return this.#wire.end('complete')
    this.#quiet = { bytes }
    clock.after(QUIET, () => { this.#drainWhenQuiet() })
  }
}
