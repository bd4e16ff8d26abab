import { Type } from 'typebox'
import { WHOLE_LIMIT } from '../bodies.ts'
import { Default, Duration, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'

/** Requests are delivered more than once. */
export const duplicate = defineHttpFault({
  type: 'duplicate',
  params: Strict({
    copies: Default(Type.Integer({ minimum: 1, maximum: 100, description: 'how many times more' }), 1),
    delay: Duration({ description: 'how long after the request was sent', default: 0 })
  }),
  doc: {
    summary: 'Delivers a request to the upstream again, as a retry or a queue would; what is idempotent is done once.',
    example: { type: 'duplicate', match: { method: 'POST', path: '/charge/**' } },
    seen: { curl: 'the response to the first delivery, as ever', node: 'the response to the first delivery, as ever; the upstream\'s effects are doubled' },
    limits: 'Each copy goes over a connection of its own, and its response is lost. Requests of more than 1 MiB are delivered once.',
    like: [{ tool: 'netem and comcast', what: '`duplicate 1%`, for requests in place of packets', as: { type: 'duplicate', share: '1%' } }]
  },
  begin: ({ copies, delay }) => ({ request: () => ({ do: 'duplicate', copies, ms: delay, limit: WHOLE_LIMIT }) })
})
