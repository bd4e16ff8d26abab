import type { Outcome } from '../measure/observation.ts'
import type { Handler, Wire } from './handler.ts'
import { Http1 } from './http1/engine.ts'
import { reportUnframed } from './http1/exchange.ts'
import { Tunnel } from './tunnel.ts'

/** How long a request line may get before a connection is taken for something else. */
const MAX_LINE = 8192

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
const REQUEST_LINE = /^[A-Z]+ \S+ HTTP\/1\.[01]\r$/

/** Whether first bytes are the beginning of an http/1 request; `more` if they could be but do not say yet. */
export function detectHttp1 (bytes: Buffer): 'yes' | 'no' | 'more' {
  const start = bytes.toString('latin1', 0, 8)
  const fits = METHODS.some((method) => {
    const word = `${method} `
    return start.length < word.length ? word.startsWith(start) : start.startsWith(word)
  })
  if (!fits) return 'no'
  const end = bytes.indexOf(10)
  if (end === -1) return bytes.length > MAX_LINE ? 'no' : 'more'
  return REQUEST_LINE.test(bytes.toString('latin1', 0, end)) ? 'yes' : 'no'
}

/** Waits for the first bytes of an `auto` connection and hands it over to the handler that fits them. */
export class Detect implements Handler {
  readonly name = 'detecting'
  readonly keeps = false
  readonly openSince = null
  readonly #wire: Wire
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false

  constructor (wire: Wire) {
    this.#wire = wire
  }

  clientData (chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    const found = detectHttp1(this.#bytes)
    if (found !== 'more') this.#become(found === 'yes')
  }

  clientEnd (): void {
    this.#ended = true
    this.#become(false)
  }

  upstreamData (chunk: Buffer): void {
    // Who is greeted by the server first does not speak http.
    this.#become(false).upstreamData(chunk)
  }

  upstreamEnd (): void { this.#become(false).upstreamEnd() }
  upstreamOpen (): void {}
  upstreamFailed (): void {
    // An http fault may still answer the first request itself.
    if (this.#wire.plan.http.length === 0) this.#wire.reset('refused')
  }

  upstreamBroken (): boolean { return false }
  planChanged (): void {}
  drained (): void {}
  drain (): void { this.#wire.end('complete') }
  closed (outcome: Outcome): void {
    // Nobody knows what it would have spoken; it counts as one request, lest a lost node go unseen.
    if (outcome === 'refused') reportUnframed(this.#wire, outcome, this.#wire.clock.now())
  }

  #become (http: boolean): Handler {
    const handler = http ? new Http1(this.#wire) : new Tunnel(this.#wire)
    if (!http) this.#wire.counts.opaque++
    this.#wire.handOver(handler)
    if (this.#bytes.length > 0) handler.clientData(this.#bytes)
    if (this.#ended) handler.clientEnd()
    return handler
  }
}
