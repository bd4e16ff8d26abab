import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction } from '../fault.ts'

/** The exchange ends without a whole response. */
export const abort = defineHttpFault({
  type: 'abort',
  params: Strict({
    how: Default(OneOf(['reset', 'close'], { description: '`reset` sends RST, `close` sends FIN' }), 'reset'),
    when: Default(OneOf(['before', 'mid-head', 'mid-body'], {
      description: '`before`: the upstream is never called; `mid-head`, `mid-body`: in the middle of its response'
    }), 'before')
  }),
  doc: {
    summary: 'Ends the connection before the upstream is called, or in the middle of its response.',
    example: { type: 'abort', how: 'reset', when: 'mid-body', share: '10%' },
    seen: {
      curl: 'reset: `(56) Recv failure: Connection reset by peer`; close: `(52) Empty reply from server`, `(18) transfer closed`, or in a head nothing: 7.88 takes half a head for all of it',
      node: 'reset: `ECONNRESET`; close: undici `UND_ERR_SOCKET` other side closed'
    },
    limits: 'A response without a body is cut in its head when `mid-body` is asked for.',
    like: [
      { tool: 'WireMock', what: '`CONNECTION_RESET_BY_PEER`', as: { type: 'abort', how: 'reset' } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`abort`, target Request', as: { type: 'abort', how: 'close', match: { method: 'GET', path: '/api/**' } } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`abort`, target Response', as: { type: 'abort', how: 'close', when: 'mid-head' } },
      { tool: 'MockServer', what: '`dropConnectionProbability`', as: { type: 'abort', share: '25%' } }
    ]
  },
  begin: ({ how, when }) => {
    if (when === 'before') return { request: (): HttpAction => ({ do: 'abort', how, when: 'now' }) }
    return { response: (): HttpAction => ({ do: 'abort', how, when }) }
  }
})
