import type { Handler, Wire } from './handler.ts'

/** A connection one end of which is gone and the other was never told: what that one sends is read and lost. */
export class Abandoned implements Handler {
  readonly name: string
  readonly openSince = null
  readonly keeps = false
  readonly #wire: Pick<Wire, 'end' | 'reset'>

  constructor (wire: Pick<Wire, 'end' | 'reset'>, kept: 'client' | 'node') {
    this.name = `half-open, ${kept} left`
    this.#wire = wire
  }

  clientData (): void {}
  upstreamData (): void {}
  upstreamOpen (): void {}
  upstreamFailed (): void {}
  planChanged (): void {}
  drained (): void {}
  closed (): void {}
  // Whoever was left ends by itself: nobody is there to answer.
  clientEnd (): void { this.#wire.end('reset') }
  upstreamEnd (): void { this.#wire.end('reset') }
  upstreamBroken (): boolean { return false }
  drain (): void { this.#wire.reset('reset') }
}
