import { Type } from 'typebox'
import { Duration, OneOf, Strict } from '../../kernel/schema.ts'
import { PASS, defineHttpFault } from '../fault.ts'
import type { HttpAction, HttpContext } from '../fault.ts'

/** Requests, or their responses, wait. */
export const delay = defineHttpFault({
  type: 'delay',
  params: Strict({
    delay: Duration({ description: 'how long the request or the response waits' }),
    jitter: Duration({ description: 'each delay varies evenly by this much, more or less', default: 0 }),
    at: Type.Optional(OneOf(['request', 'response'], {
      description: '`request` waits before the upstream is called, `response` after it has answered', default: 'request'
    }))
  }),
  doc: {
    summary: 'Makes requests wait, each on its own, before the upstream is called or after it has answered.',
    example: { type: 'delay', delay: '500ms', jitter: '50ms', match: { method: 'POST', path: '/charge/**' } },
    seen: { curl: 'a later answer; `--max-time` ends in `(28) Operation timed out`', node: 'a later answer; undici `UND_ERR_HEADERS_TIMEOUT` if it waits less long' },
    limits: 'Pipelined requests behind a delayed one wait as well, as http/1.1 demands.'
  },
  begin: (params) => {
    const wait = (_: unknown, { random }: HttpContext): HttpAction => ({
      do: 'delay', ms: Math.max(0, params.delay + (params.jitter === 0 ? 0 : random.spread(params.jitter)))
    })
    const never = (): HttpAction => PASS
    return params.at === 'response' ? { request: never, response: wait } : { request: wait }
  }
})
