import type { Traits } from '../../measure/arms.ts'
import type { Outcome } from '../../measure/observation.ts'
import type { Handler, Wire } from '../handler.ts'
import { Tunnel } from '../tunnel.ts'
import { Answer } from './answer.ts'
import type { Turn } from './answer.ts'
import { Body } from './body.ts'
import type { Changes } from './changes.ts'
import { Exchange, report, reportUnframed } from './exchange.ts'
import type { Given, Instead } from './exchange.ts'
import { Flow } from './flow.ts'
import { parseRequest } from './head.ts'
import type { HeadProblem, ParsedRequest } from './head.ts'
import { CONTINUE, badGateway, instead as bytesOf, refusal } from './respond.ts'

/** How many bytes of requests that must wait their turn are kept before the client is no longer read. */
const MAX_PENDING = 64 * 1024

/**
 * Where the request stands. `head`: its head is not complete. `waiting`: faults or the dial keep it back. `collect`: a
 * fault wants its whole body. `body`: under way. `done`: out.
 */
type RequestState = 'head' | 'waiting' | 'collect' | 'body' | 'done'

/** Exchanges on one http/1 connection: frames them, asks the faults, forwards the original bytes, observes. */
export class Http1 implements Handler, Turn {
  readonly name = 'http1'
  readonly wire: Wire
  exchange: Exchange | null = null
  /** The connection ends after the exchange in progress. */
  ending = false
  readonly #answer: Answer
  #request: RequestState = 'head'
  /** From the client: what waits is a head in the making, a request kept back, or pipelined requests. */
  readonly #asked = new Flow()
  /** What faults want changed in the request. */
  #changes: Changes | null = null
  /** The rest of the request goes nowhere: it was answered here. */
  #discard = false
  #awaitsUpstream = false
  #clientEnded = false
  /** The loop over pending bytes is running: whoever ends an exchange inside it need not start it again. */
  #advancing = false

  constructor (wire: Wire) {
    this.wire = wire
    this.#answer = new Answer(this)
  }

  get openSince (): number | null { return this.exchange?.startedAt ?? null }
  get traits (): Traits | undefined { return this.exchange ?? undefined }
  get keeps (): boolean { return this.#answer.keeps }
  get asked (): boolean { return this.#request === 'done' }

  clientData (chunk: Buffer): void {
    if (this.ending && this.exchange === null) return
    this.#asked.pending.push(chunk, this.wire.clock.now())
    this.#advance()
  }

  clientEnd (): void {
    this.#clientEnded = true
    if (this.#request === 'collect') this.#collectRequest()
    this.#passEnd()
  }

  upstreamOpen (): void {
    if (!this.#awaitsUpstream) return
    this.#awaitsUpstream = false
    this.#send()
    this.#advance()
  }

  upstreamFailed (): void {
    // Without a request there is nothing to fail yet: a fault may still answer the first one itself.
    if (this.exchange?.sent === true || this.#awaitsUpstream || this.#clientEnded) this.#unreachable()
  }

  upstreamData (chunk: Buffer): void { this.#answer.data(chunk) }
  upstreamEnd (): void { this.#answer.end() }

  upstreamBroken (): boolean {
    return this.exchange !== null && !this.exchange.sent
  }

  planChanged (): void {
    const { plan } = this.wire
    this.exchange?.planChanged(plan)
    this.#answer.planChanged(plan)
    if (this.#request !== 'collect' || this.#changes!.waits(plan)) return
    this.#sendChanged(this.#changes!)
    this.#advance()
  }

  drained (): void {
    this.#advance()
  }

  drain (): void {
    this.ending = true
    if (this.exchange === null) this.wire.end('complete')
  }

  closed (outcome: Outcome): void {
    // Without an exchange, a refused connection stands for the one request that opened it.
    if (this.exchange !== null) report(this.wire, this.exchange, outcome)
    else if (outcome === 'refused' && this.wire.exchanges === 0) reportUnframed(this.wire, outcome, this.wire.clock.now())
    this.exchange = null
  }

  // --- request ---

  #advance (): void {
    if (this.#advancing) return
    this.#advancing = true
    const { pending } = this.#asked
    while (pending.bytes !== null) {
      if (this.#request === 'body') this.#passBody()
      else if (this.#request === 'collect' && !this.#clientEnded) {
        if (!this.#collectRequest()) break
      } else if (this.#request !== 'head' || this.exchange !== null || this.ending) break
      // Nothing slows answers made here: who does not read them gets no more.
      else if (this.wire.down.full || !this.#begin(pending.bytes)) break
    }
    this.#advancing = false
    const waits = (this.#request !== 'head' && this.#request !== 'collect') || this.wire.down.full
    this.wire.holdClient(waits && pending.length > MAX_PENDING)
    if (this.#clientEnded) this.#passEnd()
  }

  // Starts the exchange whose head is complete; false if it is not.
  #begin (bytes: Buffer): boolean {
    const { pending } = this.#asked
    // RFC 9112 section 2.2: an empty line before a request line is to be ignored.
    if (bytes[0] === 13 && bytes[1] === 10) {
      pending.take(2)
      return true
    }
    const head = parseRequest(bytes)
    if (head === null) return false
    if (typeof head === 'string') {
      this.#refuse(head)
      return false
    }
    const wire = this.wire
    wire.exchanges++
    const exchange = new Exchange(head, pending.since, wire.up?.bytes ?? 0, wire.down.kept, wire)
    this.exchange = exchange
    this.#request = 'waiting'
    this.#discard = false
    if (wire.plan.http.length > 0) exchange.choose(wire)
    if (exchange.concerned) exchange.consult(wire, undefined, (instead, changes) => { this.#goOn(instead, changes) })
    else this.#send()
    return true
  }

  // The faults have been asked about the request.
  #goOn (instead: Instead | null, changes: Changes | null): void {
    const { head } = this.exchange!
    this.#changes = changes
    if (instead?.do === 'abort') this.endWith(instead.how, instead.how === 'reset' ? 'reset' : 'truncated')
    else if (instead !== null) this.#answerHere(instead)
    else if (changes === null) this.#send()
    else if (changes.editors.length === 0) this.#sendChanged(changes)
    else {
      this.#request = 'collect'
      this.#asked.collect(Body.ofRequest(head), head.size)
      if (head.header('expect')?.toLowerCase() === '100-continue') {
        // Nobody else would say so while the body is awaited here.
        if (!this.#asked.body.done) this.wire.down.write(CONTINUE)
        changes.remove.add('expect')
      }
      this.#collectRequest()
    }
    this.#advance()
  }

  // False while the body that a fault wants whole is still coming.
  #collectRequest (): boolean {
    const changes = this.#changes!
    const { head } = this.exchange!
    const collected = this.#asked.collected(changes.limit)
    if (collected === 'more' && !this.#clientEnded) return false
    if (collected === 'whole') this.#asked.edit(changes, head.size, head)
    else changes.unfit(collected === 'more' ? 'the request is not whole' : 'the body is too long')
    if (collected === 'whole') this.#sendEdited()
    else this.#sendChanged(changes)
    return true
  }

  #sendChanged (changes: Changes): void {
    this.#asked.editHead(changes, this.exchange!.head.size)
    this.#sendEdited()
  }

  // What waits is the message as it is to be sent.
  #sendEdited (): void {
    const exchange = this.exchange!
    const { client } = exchange.head
    exchange.head = parseRequest(this.#asked.pending.bytes!) as ParsedRequest
    exchange.head.client = client
    if (this.#changes!.last) this.ending = true
    this.#request = 'waiting'
    this.#send()
  }

  // Sends the head and what there is of the body to the node, when there is one.
  #send (): void {
    const wire = this.wire
    if (wire.upstream !== 'open') {
      if (wire.upstream === 'failed') return this.#unreachable()
      this.#awaitsUpstream = true
      if (wire.upstream === 'ended') wire.redial()
      return
    }
    const exchange = this.exchange!
    exchange.sent = true
    this.#asked.begin(Body.ofRequest(exchange.head), this.#changes)
    this.#request = this.#asked.body.done ? 'done' : 'body'
    this.#answer.expect()
    this.#passBody(exchange.head.size)
  }

  // A client behind TLS of ours cannot see what is wrong with the node's, so it is told.
  #unreachable (): void {
    const { why } = this.wire
    if (why === null || this.exchange === null || (this.exchange.sent && this.#answer.begun)) return this.wire.reset('refused')
    this.#awaitsUpstream = false
    this.say(badGateway(why), false)
    this.endWith('close', 'complete')
  }

  // Sends on what belongs to the body, along with the `before` bytes in front of it.
  #passBody (before = 0): void {
    const flow = this.#asked
    flow.pass(this.#discard ? null : this.wire.up, before)
    if (this.exchange === null) return
    if (flow.body.broken) return this.#refuseBody()
    if (!flow.body.done) return
    this.#request = 'done'
    if (this.#answer.done) this.complete()
  }

  #passEnd (): void {
    if (this.#request === 'waiting' || this.#request === 'collect') return
    if (this.#asked.pending.bytes === null) return this.wire.endUp()
    // A head that will never be complete.
    if (this.#request === 'head' && this.exchange === null) this.wire.end('malformed')
  }

  #refuse (problem: HeadProblem): void {
    const wire = this.wire
    const { since } = this.#asked.pending
    const unreadable = this.#asked.pending.take()
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
    const wire = this.wire
    if (!this.#discard && wire.protocol === 'auto') return this.turnOpaque('malformed')
    this.#asked.pending.take()
    wire.counts.malformed++
    if (this.#discard) {
      this.ending = true
      return this.complete()
    }
    if (this.#answer.begun) return wire.reset('malformed')
    const { status, bytes } = refusal('malformed')
    this.exchange!.status = status
    wire.down.write(bytes)
    this.cut('malformed')
  }

  // --- the exchange ---

  // Answers without calling the node; the rest of the request is read and thrown away.
  #answerHere (action: Given): void {
    const { head } = this.exchange!
    const body = Body.ofRequest(head)
    // Who expects 100 Continue may or may not send its body after another answer (RFC 9110 section 10.1.1).
    const persistent = head.persistent && (body.done || head.header('expect') === undefined)
    if (this.say(action, persistent)) return
    this.#discard = true
    this.#asked.begin(body, null)
    this.#asked.pending.take(head.size)
    this.#request = body.done ? 'done' : 'body'
    this.#answer.givenHere()
    if (this.#request === 'done' || !persistent) this.complete()
  }

  // Says something in the response's place; true if the connection ends with it.
  say (action: Given, persistent: boolean): boolean {
    const exchange = this.exchange!
    exchange.status = action.status
    if (!persistent) this.ending = true
    this.wire.down.write(bytesOf(action, exchange.head.method, persistent, exchange.explanation(this.wire)))
    if (action.do === 'respond' || action.end === 'keep') return false
    this.endWith(action.end, 'malformed')
    return true
  }

  // Ends the connection once what was written is out.
  endWith (how: 'reset' | 'close', outcome: Outcome): void {
    this.#asked.pending.take()
    this.#answer.forget()
    this.#request = 'waiting'
    this.wire.down.flushed((out) => {
      if (!out || this.exchange === null) return
      if (how === 'close') this.cut(outcome)
      else if (this.wire.down.kept > this.exchange.bytesOutBefore) this.wire.resetSoon(outcome)
      else this.wire.reset(outcome)
    })
  }

  // Ends the exchange before it is whole, and the connection with it.
  cut (outcome: Outcome): void {
    report(this.wire, this.exchange!, outcome)
    this.exchange = null
    this.wire.end(outcome)
  }

  // From here on this is not http/1: what came is the client's as it is, and so is everything after.
  turnOpaque (outcome: 'complete' | 'malformed'): void {
    const wire = this.wire
    if (outcome === 'malformed') wire.counts.malformed++
    wire.counts.opaque++
    const fromNode = this.#answer.forget()
    const fromClient = this.#asked.pending.take()
    report(wire, this.exchange!, outcome)
    this.exchange = null
    const tunnel = new Tunnel(wire)
    wire.handOver(tunnel)
    wire.holdUpstream(false)
    wire.holdClient(false)
    if (fromNode.length > 0) tunnel.upstreamData(fromNode)
    if (fromClient.length > 0) tunnel.clientData(fromClient)
    if (this.#clientEnded) tunnel.clientEnd()
  }

  complete (): void {
    const exchange = this.exchange!
    // A client that meant to end after this exchange may have ended its side already and still be reading.
    report(this.wire, exchange, this.#clientEnded && exchange.head.persistent ? 'client-gone' : 'complete')
    this.exchange = null
    this.#request = 'head'
    this.#changes = null
    this.#asked.end()
    this.#answer.over()
    if (this.ending) this.wire.end('complete')
    else if (this.#asked.pending.bytes !== null) this.#advance()
    else if (this.#clientEnded) this.#passEnd()
  }
}
