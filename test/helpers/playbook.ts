import { decodeFault } from '../../src/faults/envelope.ts'
import type { HttpAction, HttpBehaviour, RequestHead, ResponseHead, StreamAction, StreamBehaviour, TlsAction } from '../../src/faults/fault.ts'
import type { Handshake } from '../../src/faults/handshake.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { handshake } from './handshakes.ts'
import { requestHead, responseHead } from './heads.ts'

/** One event in, one action out. Methods a behaviour lacks pass. */
export interface StreamPlay {
  open: (age?: number, elapsed?: number) => StreamAction
  dial: (elapsed?: number) => StreamAction
  /** A chunk of so many bytes, or these bytes. */
  chunk: (bytes?: number | Uint8Array, elapsed?: number) => StreamAction
  end: (elapsed?: number) => StreamAction
  gone: (elapsed?: number) => StreamAction
}

/** The same for http faults. */
export interface HttpPlay {
  request: (head?: RequestHead, elapsed?: number) => HttpAction
  response: (head?: ResponseHead, elapsed?: number, request?: RequestHead) => HttpAction
}

/** The same for tls faults. */
export interface TlsPlay {
  handshake: (handshake?: Handshake, elapsed?: number) => TlsAction
  /** What it puts to work on the records that go to the client. */
  records: () => StreamBehaviour
}

const PASS = { do: 'pass' } as const

/** A stream fault, as written, at work on one connection. */
export function playStream (written: Record<string, unknown>, seed = 1): StreamPlay {
  const { type, params } = decodeFault(written)
  if (type.layer !== 'stream') throw new Error(`${type.type} is no stream fault`)
  const behaviour: StreamBehaviour = type.begin(params as never, createRandom(seed))
  return {
    open: (age = 0, elapsed = 0) => behaviour.open?.(age, elapsed) ?? PASS,
    dial: (elapsed = 0) => behaviour.dial?.(elapsed) ?? PASS,
    chunk: (bytes = 1024, elapsed = 0) => behaviour.chunk?.(typeof bytes === 'number' ? new Uint8Array(bytes) : bytes, elapsed) ?? PASS,
    end: (elapsed = 0) => behaviour.end?.(elapsed) ?? PASS,
    gone: (elapsed = 0) => behaviour.gone?.(elapsed) ?? PASS
  }
}

/** An http fault, as written, at work; each call is another exchange with random numbers of its own. */
export function playHttp (written: Record<string, unknown>, seed = 1): HttpPlay {
  const { type, params } = decodeFault(written)
  if (type.layer !== 'http') throw new Error(`${type.type} is no http fault`)
  const behaviour: HttpBehaviour = type.begin(params as never)
  const exchanges = createRandom(seed)
  let n = 0
  return {
    request: (head = requestHead(), elapsed = 0) =>
      behaviour.request?.(head, { random: exchanges.fork(++n), elapsed, request: head }) ?? PASS,
    response: (head = responseHead(), elapsed = 0, request = requestHead()) =>
      behaviour.response?.(head, { random: exchanges.fork(++n), elapsed, request }) ?? PASS
  }
}

/** A tls fault, as written, at work; each call is another handshake with random numbers of its own. */
export function playTls (written: Record<string, unknown>, seed = 1): TlsPlay {
  const { type, params } = decodeFault(written)
  if (type.layer !== 'tls') throw new Error(`${type.type} is no tls fault`)
  const behaviour = type.begin(params as never)
  const handshakes = createRandom(seed)
  let n = 0
  const ask = (shaken = handshake(), elapsed = 0): TlsAction =>
    behaviour.handshake(shaken, { random: handshakes.fork(++n), elapsed })
  return {
    handshake: ask,
    records () {
      const action = ask()
      if (action.do !== 'records') throw new Error(`it does not act on records: ${action.do}`)
      return action.behaviour
    }
  }
}
