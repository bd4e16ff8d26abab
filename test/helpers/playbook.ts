import { decodeFault } from '../../src/faults/envelope.ts'
import type { HttpAction, HttpBehaviour, StreamAction, StreamBehaviour } from '../../src/faults/fault.ts'
import { createRandom } from '../../src/kernel/random.ts'
import type { Random } from '../../src/kernel/random.ts'
import { requestHead, responseHead } from './heads.ts'

/** One event in, one action out. Methods a behaviour lacks pass. */
export interface StreamPlay { open: () => StreamAction, chunk: (bytes?: number) => StreamAction }

/** The same for http faults. */
export interface HttpPlay { request: (random?: Random) => HttpAction, response: (random?: Random) => HttpAction }

const PASS = { do: 'pass' } as const

/** A stream fault, as written, at work on one connection. */
export function playStream (written: Record<string, unknown>, seed = 1): StreamPlay {
  const { type, params } = decodeFault(written)
  if (type.layer !== 'stream') throw new Error(`${type.type} is no stream fault`)
  const behaviour: StreamBehaviour = type.begin(params as never, createRandom(seed))
  return {
    open: () => behaviour.open?.() ?? PASS,
    chunk: (bytes = 1024) => behaviour.chunk?.(bytes) ?? PASS
  }
}

/** An http fault, as written, at work. */
export function playHttp (written: Record<string, unknown>): HttpPlay {
  const { type, params } = decodeFault(written)
  if (type.layer !== 'http') throw new Error(`${type.type} is no http fault`)
  const behaviour: HttpBehaviour = type.begin(params as never)
  return {
    request: (random = createRandom(1)) => behaviour.request?.(requestHead(), random) ?? PASS,
    response: (random = createRandom(1)) => behaviour.response?.(responseHead(), random) ?? PASS
  }
}
