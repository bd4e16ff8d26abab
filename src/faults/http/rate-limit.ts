import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { BY_PATTERN, compileBy } from '../by.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { Default, Duration, Strict } from '../../kernel/schema.ts'
import { formatDuration } from '../../kernel/units.ts'
import { defineHttpFault } from '../fault.ts'
import { HeadersSchema } from '../header.ts'

/** How many keys are counted in a window; those that come later count together. */
const MOST_KEYS = 10_000

/** Requests above a rate are turned away. */
export const rateLimit = defineHttpFault({
  type: 'rate-limit',
  params: Strict({
    limit: Type.Integer({ minimum: 0, description: 'how many requests pass in each window' }),
    window: Duration({ description: 'how long a window is; the first begins with the fault', default: '1s' }),
    each: Type.Optional(Type.String({
      pattern: BY_PATTERN, wanted: 'client, header:NAME or cookie:NAME', description: 'each client, or value of a header or cookie, has the limit for itself; who has no such header passes'
    })),
    status: Default(Type.Integer({ minimum: 200, maximum: 599, description: 'the status code above the limit' }), 429),
    headers: Default(HeadersSchema({ description: 'headers of that answer, beside retry-after' }), {}),
    body: Default(Type.String({ description: 'body of that answer' }), '')
  }),
  doc: {
    summary: 'Answers 429 with Retry-After to requests above a limit in a window of time; the others pass.',
    example: { type: 'rate-limit', limit: 10, window: '1s', each: 'header:x-api-key' },
    seen: { curl: 'the status; `--fail` ends in `(22) The requested URL returned error: 429`, `--retry` waits as Retry-After says', node: 'a response with the status and `retry-after`' },
    limits: 'Windows are fixed, so up to twice the limit may pass around the end of one. Counts begin anew when the fault is changed. Beyond 10,000 keys in a window, further ones count together.',
    like: [
      { tool: 'MockServer', what: 'quota: a limit in a window', as: { type: 'rate-limit', limit: 100, window: '1m' } },
      { tool: 'Envoy', what: '`local_ratelimit` (`token_bucket`), as fixed windows', as: { type: 'rate-limit', limit: 100, window: '60s' } }
    ]
  },
  check ({ window }, at) {
    if (window > 0) return
    throw new PremortemError('PMT_ERR_INVALID', { path: at('window'), found: window, wanted: 'a duration above 0' })
  },
  begin: ({ limit, window, each, status, headers, body }) => {
    const keyOf = each === undefined ? () => '' : compileBy(each)
    const own = Object.keys(headers).some((name) => name.toLowerCase() === 'retry-after')
    const under = { do: 'unfit', why: `no more than ${limit} in ${formatDuration(window)}` } as const
    const keyless = { do: 'unfit', why: `it has no ${each}` } as const
    const counts = new Map<string, number>()
    let current = -1
    return {
      request (head, { elapsed }) {
        const index = Math.floor(elapsed / window)
        if (index !== current) counts.clear()
        current = index
        const key = keyOf(head)
        if (key === undefined) return keyless
        const digest = digestOf(key)
        const counted = counts.size < MOST_KEYS || counts.has(digest) ? digest : ''
        const count = (counts.get(counted) ?? 0) + 1
        counts.set(counted, count)
        if (count <= limit) return under
        const left = Math.ceil(((index + 1) * window - elapsed) / 1000)
        const retryAfter = String(Math.max(1, left))
        return { do: 'respond', status, headers: own ? headers : { 'retry-after': retryAfter, ...headers }, body }
      }
    }
  }
})

// A key may be as long as a head is; ten thousand of those would fill the memory.
const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64')
