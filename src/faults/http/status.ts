import { Type } from 'typebox'
import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction } from '../fault.ts'
import { HeadersSchema } from '../header.ts'

/** The client gets another status. */
export const status = defineHttpFault({
  type: 'status',
  params: Strict({
    status: Default(Type.Integer({ minimum: 200, maximum: 599, description: 'the status code' }), 503),
    when: Default(OneOf(['before', 'after'], {
      description: '`before`: the upstream is never called; `after`: it does the work and its reply is lost'
    }), 'before'),
    headers: Default(HeadersSchema({ description: 'headers of the answer' }), {}),
    body: Default(Type.String({ description: 'body of the answer' }), '')
  }),
  doc: {
    summary: 'Answers with a status of your choice, without calling the upstream or after it has done the work.',
    example: { type: 'status', status: 503, when: 'after', headers: { 'retry-after': '1' }, body: '{"error":"injected"}' },
    seen: { curl: 'the status; `--fail` ends in `(22) The requested URL returned error: 503`', node: 'a response with the status' },
    limits: 'With `after`, the client waits for the upstream\'s head as usual; only then is it replaced.',
    like: [
      { tool: 'Envoy', what: '`abort` (`http_status`, a `percentage` of 0.1)', as: { type: 'status', status: 503, share: '0.1%' } },
      { tool: 'Envoy', what: '`max_active_faults`', as: { type: 'status', status: 503, max: { concurrent: 10 } } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`replace` (`code`), target Response', as: { type: 'status', status: 404, when: 'after', match: { status: 200 } } },
      { tool: 'MockServer', what: '`errorStatus`, `errorProbability`, `retryAfter`', as: { type: 'status', status: 503, share: '50%', headers: { 'retry-after': '2' } } },
      { tool: 'MockServer', what: '`succeedFirst`, `failRequestCount`', as: { type: 'status', status: 503, select: { after: 2, for: 3 } } },
      { tool: 'MockServer', what: '`seed`', as: { type: 'status', share: '50%', seed: 42 } },
      { tool: 'xk6-disruptor', what: '`errorRate`, `errorCode`, `errorBody`', as: { type: 'status', status: 500, share: '10%', body: 'injected' } },
      { tool: 'Litmus pod-http faults', what: 'status code (`status_code`, `modify_response_body`)', as: { type: 'status', status: 502, when: 'after', body: 'bad gateway' } }
    ]
  },
  begin: ({ status, headers, body, when }) => {
    const respond = (): HttpAction => ({ do: 'respond', status, headers, body })
    return when === 'after' ? { response: respond } : { request: respond }
  }
})
