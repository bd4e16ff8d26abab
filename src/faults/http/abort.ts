import { Type } from 'typebox'
import { OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction } from '../fault.ts'

/** The exchange ends without a whole response. */
export const abort = defineHttpFault({
  type: 'abort',
  params: Strict({
    how: Type.Optional(OneOf(['reset', 'close'], { description: '`reset` sends RST, `close` sends FIN', default: 'reset' })),
    when: Type.Optional(OneOf(['before', 'mid-head', 'mid-body'], {
      description: '`before`: the upstream is never called; `mid-head`, `mid-body`: in the middle of its response', default: 'before'
    }))
  }),
  doc: {
    summary: 'Ends the connection before the upstream is called, or in the middle of its response.',
    example: { type: 'abort', how: 'reset', when: 'mid-body', share: '10%' },
    seen: {
      curl: 'reset: `(56) Recv failure: Connection reset by peer`; close: `(52) Empty reply from server` or `(18) transfer closed`',
      node: 'reset: `ECONNRESET`; close: undici `UND_ERR_SOCKET` other side closed'
    },
    limits: 'A response without a body is cut in its head when `mid-body` is asked for.'
  },
  begin: (params) => {
    const how = params.how ?? 'reset'
    if (params.when === undefined || params.when === 'before') {
      return { request: (): HttpAction => ({ do: 'abort', how, when: 'now' }) }
    }
    const when = params.when
    return { response: (): HttpAction => ({ do: 'abort', how, when }) }
  }
})
