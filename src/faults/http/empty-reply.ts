import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction } from '../fault.ts'

/** The connection is closed in place of a response. */
export const emptyReply = defineHttpFault({
  type: 'empty-reply',
  params: Strict({
    when: Default(OneOf(['before', 'after'], {
      description: '`before`: the upstream is never called; `after`: it does the work and its reply is lost'
    }), 'before')
  }),
  doc: {
    summary: 'Takes the request and closes the connection without a byte of response.',
    example: { type: 'empty-reply', when: 'after', match: { method: 'POST' } },
    seen: { curl: '`(52) Empty reply from server`', node: 'undici `UND_ERR_SOCKET` other side closed; node:http `ECONNRESET` socket hang up' },
    limits: 'Clients may send a request again by themselves if it went out on a connection that was kept alive: curl and browsers do.',
    like: [{ tool: 'WireMock', what: '`EMPTY_RESPONSE`', as: { type: 'empty-reply' } }]
  },
  begin: ({ when }) => {
    const close = (): HttpAction => ({ do: 'abort', how: 'close', when: 'now' })
    return when === 'before' ? { request: close } : { response: close }
  }
})
