import { Type } from 'typebox'
import { WHOLE_LIMIT, responseLength } from '../bodies.ts'
import { Duration, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction, RequestHead } from '../fault.ts'

/** How many answers are kept, and how many bytes of them and their keys. */
const MOST_KEPT = 1000
const MOST_BYTES = 64 * 1024 * 1024

/** An answer as it was, when it came (milliseconds since the fault began), and whether the connection's end is its own. */
interface Kept { bytes: Uint8Array, status: number, at: number, end: 'keep' | 'close' }

/** Requests get an answer from before. */
export const stale = defineHttpFault({
  type: 'stale',
  params: Strict({
    refresh: Type.Optional(Duration({ description: 'how long an answer is given again before it is asked for anew; for ever if left out' }))
  }),
  doc: {
    summary: 'Records the first answer to each method and target, and gives it again to later requests, like a cache that is not invalidated.',
    example: { type: 'stale', refresh: '30s', match: { method: 'GET', path: '/prices/**' } },
    seen: { curl: 'an old answer, its `date` included', node: 'an old answer, its `date` included' },
    limits: 'The first request of each target passes. Keeps 1000 answers of 1 MiB each, 64 MiB in all; others pass. Answers of status 206 and 304 are not kept, for they answer one request\'s conditions. What a user was shown is shown to all: use `match` where answers are personal.'
  },
  begin: ({ refresh = Infinity }) => {
    const kept = new Map<string, Kept>()
    let bytesKept = 0
    const fresh = (key: string, elapsed: number): Kept | undefined => {
      const found = kept.get(key)
      return found !== undefined && elapsed - found.at < refresh ? found : undefined
    }
    const keep = (key: string, answer: Kept): void => {
      const size = key.length + answer.bytes.length - (kept.get(key)?.bytes.length ?? -key.length)
      if (bytesKept + size > MOST_BYTES || (kept.size >= MOST_KEPT && !kept.has(key))) return
      bytesKept += size
      kept.set(key, answer)
    }
    return {
      request (head, { elapsed }) {
        const found = fresh(keyOf(head), elapsed)
        return found === undefined ? { do: 'pass' } : { do: 'raw', bytes: found.bytes, status: found.status, end: found.end }
      },
      response (head, { request, elapsed }): HttpAction {
        const key = keyOf(request)
        const { status } = head
        if (status === 206 || status === 304) return { do: 'unfit', why: `an answer with status ${status} is one request's alone` }
        if (!kept.has(key) && kept.size >= MOST_KEPT) return { do: 'unfit', why: `${MOST_KEPT} answers are kept already` }
        const length = responseLength(head, request)
        if (length !== null && length !== undefined && length > WHOLE_LIMIT) return { do: 'unfit', why: 'the answer is larger than 1 MiB' }
        const untilClose = length === undefined && head.header('transfer-encoding') === undefined
        return {
          do: 'record',
          limit: WHOLE_LIMIT,
          // Of several that were under way at once, the first that is complete stays.
          keep: (bytes) => { if (fresh(key, elapsed) === undefined) keep(key, { bytes, status, at: elapsed, end: untilClose ? 'close' : 'keep' }) }
        }
      }
    }
  }
})

const keyOf = ({ method, host, target }: RequestHead): string => `${method} ${host} ${target}`
