import type { Plan } from '../../faults/plan.ts'
import type { Outcome } from '../../measure/observation.ts'
import type { Wire } from '../handler.ts'
import { Body } from './body.ts'
import { Changes } from './changes.ts'
import type { Exchange, Given, Instead } from './exchange.ts'
import { Flow } from './flow.ts'
import { parseResponse } from './head.ts'
import type { ParsedResponse } from './head.ts'

/** What the response's side needs of the exchange and of the connection. */
export interface Turn {
  readonly wire: Wire
  readonly exchange: Exchange | null
  /** The connection ends after the exchange in progress. */
  ending: boolean
  /** The whole request is out. */
  readonly asked: boolean
  /** Says something in the response's place; true if the connection ends with it. */
  say (action: Given, persistent: boolean): boolean
  /** The exchange is whole. */
  complete (): void
  /** Ends the exchange before it is whole, and the connection with it. */
  cut (outcome: Outcome): void
  /** Ends the connection in this way once what was written is out. */
  endWith (how: 'reset' | 'close', outcome: Outcome): void
  /** From here on this is not http/1. */
  turnOpaque (outcome: 'complete' | 'malformed'): void
}

/**
 * Where the response stands. `none`: none is due. `head`: its head is not complete. `waiting`: a fault keeps it back.
 * `collect`: a fault wants its whole body. `body`: under way. `swallow`: it is lost, another was sent in its place.
 * `done`: out, the request is not.
 */
type State = 'none' | 'head' | 'waiting' | 'collect' | 'body' | 'swallow' | 'done'

/** The response's side of the exchanges on a connection: what comes from the node, and what the client gets of it. */
export class Answer {
  readonly #turn: Turn
  /** What waits is a head in the making, or a response kept back or collected. */
  readonly #flow = new Flow()
  #state: State = 'none'
  /** The response that is collected, and what faults want changed in it. */
  #held: { head: ParsedResponse, changes: Changes } | null = null
  /** The node has sent FIN. */
  #ended = false

  constructor (turn: Turn) {
    this.#turn = turn
  }

  get keeps (): boolean { return this.#flow.pending.bytes !== null }

  /** It is out, or another in its place; the request is not. */
  get done (): boolean { return this.#state === 'done' }

  /** Some of it has come. */
  get begun (): boolean { return this.#state !== 'head' || this.keeps }

  /** A request is on its way to the node. */
  expect (): void {
    if (this.#state === 'none') this.#state = 'head'
  }

  /** The answer was made here, without the node. */
  givenHere (): void { this.#state = 'done' }

  /** The exchange is over. */
  over (): void {
    this.#state = 'none'
    this.#flow.end()
  }

  /** Whoever wanted the body whole may be gone. */
  planChanged (plan: Plan): void {
    if (this.#state !== 'collect' || this.#held!.changes.waits(plan)) return
    this.#finishCollecting(false)
    this.#advance()
  }

  /** Takes back what waits. */
  forget (): Buffer { return this.#flow.pending.take() }

  /** The node sent FIN. */
  end (): void {
    const turn = this.#turn
    const { exchange, wire } = turn
    if (exchange === null) return wire.end('complete')
    // A node may well close an idle connection while a fault keeps a request back: dialled again when it is sent.
    if (!exchange.sent) return
    this.#ended = true
    if (this.#state === 'waiting') return
    turn.ending = true
    if (this.#state === 'collect') {
      this.#finishCollecting(this.#flow.body.framing === 'until-close')
      if (turn.exchange === null) return
    }
    const whole = this.#state === 'body' ? this.#flow.body.framing === 'until-close' : this.#state !== 'head'
    if (whole) {
      this.#flow.complete()
      return turn.complete()
    }
    if (this.keeps) wire.down.write(this.forget())
    turn.cut('truncated')
  }

  /** Bytes came from the node. */
  data (chunk: Buffer): void {
    this.#flow.pending.push(chunk, 0)
    this.#advance()
  }

  #advance (): void {
    const { pending } = this.#flow
    for (let bytes = pending.bytes; bytes !== null; bytes = pending.bytes) {
      switch (this.#state) {
        case 'head': {
          const head = parseResponse(bytes)
          if (head === null) return
          if (typeof head === 'string') return this.#turn.turnOpaque('malformed')
          const exchange = this.#turn.exchange!
          const { status } = head
          if (status === 101 || (exchange.head.method === 'CONNECT' && status >= 200 && status < 300)) {
            exchange.status = status
            return this.#turn.turnOpaque('complete')
          }
          if (status < 200) {
            this.#turn.wire.down.write(pending.take(head.size))
            continue
          }
          exchange.status = status
          if (!exchange.concerned && (exchange.record === null || !this.#turn.wire.explain)) {
            this.#deliver(head, null)
            continue
          }
          this.#state = 'waiting'
          exchange.consult(this.#turn.wire, head, (instead, changes) => { this.#goOn(head, instead, changes) })
          continue
        }
        case 'collect':
          if (!this.#collect()) return
          continue
        case 'body':
        case 'swallow':
          this.#pass(0)
          continue
        case 'waiting':
          // Bounded: one chunk at most has been read since.
          return this.#turn.wire.holdUpstream(true)
        default:
          // Nobody asked for these bytes (a node's 408, say): they are the client's all the same.
          this.#turn.wire.down.write(pending.take())
      }
    }
  }

  // The faults have been asked about the response.
  #goOn (head: ParsedResponse, instead: Instead | null, wanted: Changes | null): void {
    const exchange = this.#turn.exchange!
    const changes = explain(wanted, exchange.explanation(this.#turn.wire))
    if (instead?.do === 'abort') return this.#abort(instead, head)
    if (instead !== null) this.#replace(head, instead)
    else if (changes === null) this.#deliver(head, null)
    else if (changes.editors.length === 0) this.#deliverChanged(head, changes)
    else {
      this.#state = 'collect'
      this.#held = { head, changes }
      this.#flow.collect(Body.ofResponse(head, exchange.head.method), head.size)
    }
    this.#turn.wire.holdUpstream(false)
    this.#advance()
    if (this.#ended && this.#turn.exchange !== null) this.end()
  }

  // False while the body that a fault wants whole is still coming.
  #collect (): boolean {
    const collected = this.#flow.collected(this.#held!.changes.limit)
    if (collected === 'more') return false
    this.#finishCollecting(collected === 'whole')
    return true
  }

  #finishCollecting (whole: boolean): void {
    const { head, changes } = this.#held!
    this.#held = null
    const { method } = this.#turn.exchange!.head
    const bodiless = method === 'HEAD' || head.status === 204 || head.status === 304
    if (whole && !bodiless) {
      this.#flow.edit(changes, head.size, head)
      return this.#deliverEdited(changes)
    }
    changes.unfit(bodiless ? 'the response has no body' : 'the body is too long, or not whole')
    this.#deliverChanged(head, changes)
  }

  #deliverChanged (head: ParsedResponse, changes: Changes): void {
    this.#flow.editHead(changes, head.size)
    this.#deliverEdited(changes)
  }

  #deliverEdited (changes: Changes): void {
    if (changes.last) this.#turn.ending = true
    this.#deliver(parseResponse(this.#flow.pending.bytes!) as ParsedResponse, changes)
  }

  // Sends the response's head and what there is of its body to the client.
  #deliver (head: ParsedResponse, changes: Changes | null): void {
    this.#flow.begin(Body.ofResponse(head, this.#turn.exchange!.head.method), changes)
    this.#state = 'body'
    this.#pass(head.size)
  }

  // Sends on what belongs to the response, along with the `before` bytes in front of its body.
  #pass (before: number): void {
    const flow = this.#flow
    flow.pass(this.#state === 'body' ? this.#turn.wire.down : null, before)
    if (this.#turn.exchange === null) return
    if (flow.body.broken) return this.#turn.turnOpaque('malformed')
    if (!flow.body.done) return
    if (this.#turn.asked) this.#turn.complete()
    else this.#state = 'done'
  }

  // The client gets another answer; the node's is read to its end and lost.
  #replace (head: ParsedResponse, action: Given): void {
    const exchange = this.#turn.exchange!
    const body = Body.ofResponse(head, exchange.head.method)
    const untilClose = body.framing === 'until-close'
    const persistent = exchange.head.persistent && !head.close && !untilClose
    if (this.#turn.say(action, persistent)) return
    this.#flow.begin(body, null)
    this.#state = 'swallow'
    if (untilClose) this.#turn.complete()
    else this.#pass(head.size)
  }

  // Ends the response before it is whole, after as much of it as the fault wants the client to see.
  #abort ({ how, when }: Extract<Instead, { do: 'abort' }>, head: ParsedResponse): void {
    if (when !== 'now') {
      const bytes = this.#flow.pending.bytes!
      const body = bytes.length - head.size
      this.#turn.wire.down.write(bytes.subarray(0, when === 'mid-body' && body > 0 ? head.size + Math.ceil(body / 2) : head.size >> 1))
    }
    this.#turn.endWith(how, how === 'reset' ? 'reset' : 'truncated')
  }
}

function explain (changes: Changes | null, headers: Record<string, string>): Changes | null {
  if (Object.keys(headers).length === 0) return changes
  const explained = changes ?? new Changes()
  explained.rewrite(headers, [])
  return explained
}
