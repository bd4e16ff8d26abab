import type { Outcome } from '../../measure/observation.ts'
import type { Handler, Wire } from '../handler.ts'
import { Tunnel } from '../tunnel.ts'
import { Body, NO_BODY } from './body.ts'
import { Exchange, report, reportUnframed } from './exchange.ts'
import type { Instead } from './exchange.ts'
import { parseRequest, parseResponse } from './head.ts'
import type { HeadProblem, ParsedResponse } from './head.ts'
import { Pending } from './pending.ts'
import { refusal, responseBytes } from './respond.ts'

/** How many bytes of requests that must wait their turn are kept before the client is no longer read. */
const MAX_PENDING = 64 * 1024

/**
 * Where the request stands. `head`: its head is not complete. `waiting`: faults or the dial keep it back.
 * `body`: under way. `done`: out.
 */
type RequestState = 'head' | 'waiting' | 'body' | 'done'

/**
 * Where the response stands. `none`: none is due. `head`: its head is not complete. `waiting`: a fault keeps it back.
 * `body`: under way. `swallow`: it is lost, another was sent in its place. `done`: out, the request is not.
 */
type ResponseState = 'none' | 'head' | 'waiting' | 'body' | 'swallow' | 'done'

/** Exchanges on one http/1 connection: frames them, asks the faults, forwards the original bytes, observes. */
export class Http1 implements Handler {
  readonly name = 'http1'
  readonly #wire: Wire
  #exchange: Exchange | null = null
  #request: RequestState = 'head'
  #response: ResponseState = 'none'
  #requestBody = NO_BODY
  #responseBody = NO_BODY
  /** Bytes from the client that are not under way: a head in the making, a request kept back, pipelined requests. */
  readonly #asked = new Pending()
  /** Bytes from the node, likewise. */
  readonly #answered = new Pending()
  /** The rest of the request goes nowhere: it was answered here. */
  #discard = false
  #awaitsUpstream = false
  #clientEnded = false
  #upstreamEnded = false
  /** The connection ends after the exchange in progress. */
  #ending = false
  /** The loop over pending bytes is running: whoever ends an exchange inside it need not start it again. */
  #advancing = false

  constructor (wire: Wire) {
    this.#wire = wire
  }

  get openSince (): number | null { return this.#exchange?.startedAt ?? null }
  get keeps (): boolean { return this.#answered.bytes !== null }

  clientData (chunk: Buffer): void {
    if (this.#ending && this.#exchange === null) return
    this.#asked.push(chunk, this.#wire.clock.now())
    this.#advance()
  }

  clientEnd (): void {
    this.#clientEnded = true
    this.#passEnd()
  }

  upstreamOpen (): void {
    if (!this.#awaitsUpstream) return
    this.#awaitsUpstream = false
    this.#goOn(null)
  }

  upstreamFailed (): void {
    // Without a request there is nothing to fail yet: a fault may still answer the first one itself.
    if (this.#awaitsUpstream || this.#clientEnded) this.#wire.reset('refused')
  }

  upstreamEnd (): void {
    const exchange = this.#exchange
    if (exchange === null) return this.#wire.end('complete')
    // A node may well close an idle connection while a fault keeps a request back: dialled again when it is sent.
    if (!exchange.sent) return
    this.#upstreamEnded = true
    if (this.#response === 'waiting') return
    this.#ending = true
    const whole = this.#response === 'body' ? this.#responseBody.framing === 'until-close' : this.#response !== 'head'
    if (whole) return this.#complete()
    if (this.#answered.bytes !== null) this.#wire.down.write(this.#answered.take())
    this.#cut('truncated')
  }

  upstreamBroken (): boolean {
    return this.#exchange !== null && !this.#exchange.sent
  }

  planChanged (): void {
    this.#exchange?.planChanged(this.#wire.plan)
  }

  drained (): void {
    this.#advance()
  }

  drain (): void {
    this.#ending = true
    if (this.#exchange === null) this.#wire.end('complete')
  }

  closed (outcome: Outcome): void {
    this.#exchange?.cancel()
    // Without an exchange, a refused connection stands for the one request that opened it.
    if (this.#exchange !== null) report(this.#wire, this.#exchange, outcome)
    else if (outcome === 'refused' && this.#wire.exchanges === 0) reportUnframed(this.#wire, outcome, this.#wire.clock.now())
    this.#exchange = null
  }

  // --- request ---

  #advance (): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#asked.bytes !== null) {
      if (this.#request === 'body') this.#passBody()
      else if (this.#request !== 'head' || this.#exchange !== null || this.#ending) break
      // Nothing slows answers made here: who does not read them gets no more.
      else if (this.#wire.down.full || !this.#begin(this.#asked.bytes)) break
    }
    this.#advancing = false
    const waits = this.#request !== 'head' || this.#wire.down.full
    this.#wire.holdClient(waits && this.#asked.length > MAX_PENDING)
    if (this.#clientEnded) this.#passEnd()
  }

  // Starts the exchange whose head is complete; false if it is not.
  #begin (bytes: Buffer): boolean {
    // RFC 9112 section 2.2: an empty line before a request line is to be ignored.
    if (bytes[0] === 13 && bytes[1] === 10) {
      this.#asked.take(2)
      return true
    }
    const head = parseRequest(bytes)
    if (head === null) return false
    if (typeof head === 'string') {
      this.#refuse(head)
      return false
    }
    const wire = this.#wire
    wire.exchanges++
    const exchange = new Exchange(head, this.#asked.since, wire.up?.bytes ?? 0, wire.down.bytes)
    this.#exchange = exchange
    this.#request = 'waiting'
    this.#discard = false
    if (wire.plan.http.length > 0) exchange.choose(wire.plan, wire.node, (active) => wire.spared(active))
    if (exchange.hit) exchange.consult(wire.clock, undefined, (instead) => { this.#goOn(instead) })
    else this.#send()
    return true
  }

  // The faults have been asked about the request.
  #goOn (instead: Instead | null): void {
    if (instead === null) this.#send()
    else if (instead.do === 'respond') this.#answerHere(instead)
    else this.#abort(instead)
    this.#advance()
  }

  // Sends the head and what there is of the body to the node, when there is one.
  #send (): void {
    const wire = this.#wire
    if (wire.upstream !== 'open') {
      if (wire.upstream === 'failed') return wire.reset('refused')
      this.#awaitsUpstream = true
      if (wire.upstream === 'ended') wire.redial()
      return
    }
    const exchange = this.#exchange!
    exchange.sent = true
    this.#requestBody = Body.ofRequest(exchange.head)
    this.#request = this.#requestBody.done ? 'done' : 'body'
    if (this.#response === 'none') this.#response = 'head'
    const { size } = exchange.head
    if (this.#request === 'done') wire.up!.write(this.#asked.take(size))
    else this.#passBody(size)
  }

  // Sends on what belongs to the body, along with the `before` bytes in front of it.
  #passBody (before = 0): void {
    const taken = this.#requestBody.consume(this.#asked.bytes!, before)
    const bytes = this.#asked.take(before + taken)
    if (!this.#discard) this.#wire.up!.write(bytes)
    if (this.#requestBody.broken) return this.#refuseBody()
    if (!this.#requestBody.done) return
    this.#request = 'done'
    if (this.#response === 'done') this.#complete()
  }

  #passEnd (): void {
    if (this.#request === 'waiting') return
    if (this.#asked.bytes === null) return this.#wire.endUp()
    // A head that will never be complete.
    if (this.#request === 'head' && this.#exchange === null) this.#wire.end('malformed')
  }

  #refuse (problem: HeadProblem): void {
    const wire = this.#wire
    const { since } = this.#asked
    const unreadable = this.#asked.take()
    wire.counts.malformed++
    if (wire.protocol === 'auto') {
      wire.counts.opaque++
      const tunnel = new Tunnel(wire)
      wire.handOver(tunnel)
      tunnel.clientData(unreadable)
      return
    }
    const { status, bytes } = refusal(problem)
    wire.exchanges++
    this.#request = 'done'
    reportUnframed(wire, 'malformed', since, { status, bytesIn: unreadable.length, bytesOut: bytes.length })
    wire.down.write(bytes)
    wire.end('malformed')
  }

  // The chunked coding of the request is broken; its head, and what came before, are on their way.
  #refuseBody (): void {
    const wire = this.#wire
    if (!this.#discard && wire.protocol === 'auto') return this.#turnOpaque('malformed')
    this.#asked.take()
    wire.counts.malformed++
    if (this.#discard) {
      this.#ending = true
      return this.#complete()
    }
    if (this.#response !== 'head' || this.#answered.bytes !== null) return wire.reset('malformed')
    const { status, bytes } = refusal('malformed')
    this.#exchange!.status = status
    wire.down.write(bytes)
    this.#cut('malformed')
  }

  // --- response ---

  upstreamData (chunk: Buffer): void {
    this.#answered.push(chunk, 0)
    this.#advanceAnswer()
  }

  #advanceAnswer (): void {
    for (let bytes = this.#answered.bytes; bytes !== null; bytes = this.#answered.bytes) {
      switch (this.#response) {
        case 'head': {
          const head = parseResponse(bytes)
          if (head === null) return
          if (typeof head === 'string') return this.#turnOpaque('malformed')
          const { status } = head
          if (status === 101 || (this.#exchange!.head.method === 'CONNECT' && status >= 200 && status < 300)) {
            this.#exchange!.status = status
            return this.#turnOpaque('complete')
          }
          if (status < 200) {
            this.#wire.down.write(this.#answered.take(head.size))
            continue
          }
          this.#exchange!.status = status
          if (!this.#exchange!.hit) {
            this.#deliver(head)
            continue
          }
          this.#response = 'waiting'
          this.#exchange!.consult(this.#wire.clock, head, (instead) => { this.#goOnAnswering(head, instead) })
          continue
        }
        case 'body':
        case 'swallow':
          this.#passAnswer(0)
          continue
        case 'waiting':
          // Bounded: one chunk at most has been read since.
          return this.#wire.holdUpstream(true)
        default:
          // Nobody asked for these bytes (a node's 408, say): they are the client's all the same.
          this.#wire.down.write(this.#answered.take())
      }
    }
  }

  // The faults have been asked about the response.
  #goOnAnswering (head: ParsedResponse, instead: Instead | null): void {
    if (instead?.do === 'abort') return this.#abort(instead, head)
    if (instead === null) this.#deliver(head)
    else this.#replace(head, instead)
    this.#wire.holdUpstream(false)
    this.#advanceAnswer()
    if (this.#upstreamEnded && this.#exchange !== null) this.upstreamEnd()
  }

  // Sends the response's head and what there is of its body to the client.
  #deliver (head: ParsedResponse): void {
    this.#responseBody = Body.ofResponse(head, this.#exchange!.head.method)
    this.#response = 'body'
    this.#passAnswer(head.size)
  }

  // Sends on what belongs to the response, along with the `before` bytes in front of its body.
  #passAnswer (before: number): void {
    const body = this.#responseBody
    const taken = body.consume(this.#answered.bytes!, before)
    const bytes = this.#answered.take(before + taken)
    if (this.#response === 'body') this.#wire.down.write(bytes)
    if (body.broken) return this.#turnOpaque('malformed')
    if (!body.done) return
    if (this.#request === 'done') this.#complete()
    else this.#response = 'done'
  }

  // The client gets another answer; the node's is read to its end and lost.
  #replace (head: ParsedResponse, action: Instead & { do: 'respond' }): void {
    const exchange = this.#exchange!
    exchange.status = action.status
    this.#responseBody = Body.ofResponse(head, exchange.head.method)
    const untilClose = this.#responseBody.framing === 'until-close'
    const persistent = exchange.head.persistent && !head.close && !untilClose
    if (!persistent) this.#ending = true
    this.#wire.down.write(responseBytes({ ...action, method: exchange.head.method, persistent }))
    this.#response = 'swallow'
    if (untilClose) this.#complete()
    else this.#passAnswer(head.size)
  }

  // --- both ---

  // Answers without calling the node; the rest of the request is read and thrown away.
  #answerHere (action: Instead & { do: 'respond' }): void {
    const { head } = this.#exchange!
    this.#requestBody = Body.ofRequest(head)
    // Who expects 100 Continue may or may not send its body after another answer (RFC 9110 section 10.1.1).
    const persistent = head.persistent && (this.#requestBody.done || head.header('expect') === undefined)
    if (!persistent) this.#ending = true
    this.#exchange!.status = action.status
    this.#discard = true
    this.#wire.down.write(responseBytes({ ...action, method: head.method, persistent }))
    this.#asked.take(head.size)
    this.#request = this.#requestBody.done ? 'done' : 'body'
    this.#response = 'done'
    if (this.#request === 'done' || !persistent) this.#complete()
  }

  #abort (action: Instead & { do: 'abort' }, head?: ParsedResponse): void {
    const { down } = this.#wire
    if (head !== undefined && action.when !== 'now') {
      const bytes = this.#answered.bytes!
      const body = bytes.length - head.size
      down.write(bytes.subarray(0, action.when === 'mid-body' && body > 0 ? head.size + Math.ceil(body / 2) : head.size >> 1))
    }
    this.#answered.take()
    down.flushed(() => {
      if (action.how === 'reset') this.#wire.reset('reset')
      else this.#cut('truncated')
    })
  }

  // Ends the exchange before it is whole, and the connection with it.
  #cut (outcome: Outcome): void {
    report(this.#wire, this.#exchange!, outcome)
    this.#exchange = null
    this.#wire.end(outcome)
  }

  // From here on this is not http/1: what came is the client's as it is, and so is everything after.
  #turnOpaque (outcome: 'complete' | 'malformed'): void {
    const wire = this.#wire
    if (outcome === 'malformed') wire.counts.malformed++
    wire.counts.opaque++
    const fromNode = this.#answered.take()
    const fromClient = this.#asked.take()
    report(wire, this.#exchange!, outcome)
    this.#exchange = null
    const tunnel = new Tunnel(wire)
    wire.handOver(tunnel)
    wire.holdUpstream(false)
    wire.holdClient(false)
    if (fromNode.length > 0) tunnel.upstreamData(fromNode)
    if (fromClient.length > 0) tunnel.clientData(fromClient)
    if (this.#clientEnded) tunnel.clientEnd()
  }

  #complete (): void {
    const exchange = this.#exchange!
    // A client that meant to end after this exchange may have ended its side already and still be reading.
    report(this.#wire, exchange, this.#clientEnded && exchange.head.persistent ? 'client-gone' : 'complete')
    this.#exchange = null
    this.#request = 'head'
    this.#response = 'none'
    this.#requestBody = this.#responseBody = NO_BODY
    if (this.#ending) this.#wire.end('complete')
    else if (this.#asked.bytes !== null) this.#advance()
    else if (this.#clientEnded) this.#passEnd()
  }
}
