import { Type } from 'typebox'
import { OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction } from '../fault.ts'
import { HeadersSchema } from '../header.ts'

/** The client gets another status. */
export const status = defineHttpFault({
  type: 'status',
  params: Strict({
    status: Type.Integer({ minimum: 200, maximum: 599, description: 'the status code', default: 503 }),
    when: Type.Optional(OneOf(['before', 'after'], {
      description: '`before`: the upstream is never called; `after`: it does the work and its reply is lost', default: 'before'
    })),
    headers: Type.Optional(HeadersSchema({ description: 'headers of the answer', default: {} })),
    body: Type.Optional(Type.String({ description: 'body of the answer', default: '' }))
  }),
  doc: {
    summary: 'Answers with a status of your choice, without calling the upstream or after it has done the work.',
    example: { type: 'status', status: 503, when: 'after', headers: { 'retry-after': '1' }, body: '{"error":"injected"}' },
    seen: { curl: 'the status; `--fail` ends in `(22) The requested URL returned error: 503`', node: 'a response with the status' },
    limits: 'With `after`, the client waits for the upstream\'s head as usual; only then is it replaced.'
  },
  begin: (params) => {
    const respond: HttpAction = { do: 'respond', status: params.status, headers: params.headers ?? {}, body: params.body ?? '' }
    return params.when === 'after' ? { response: () => respond } : { request: () => respond }
  }
})
