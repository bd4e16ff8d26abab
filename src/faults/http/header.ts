import { Type } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction } from '../fault.ts'
import { HeaderName, HeadersSchema } from '../header.ts'

/** Fields that say where a message ends or what its connection is; with others, the next message could not be read. */
const FRAMING = ['connection', 'content-length', 'transfer-encoding', 'upgrade']

/** A message has other headers. */
export const header = defineHttpFault({
  type: 'header',
  params: Strict({
    set: Default(HeadersSchema({ description: 'headers it is to have, in place of all of their name' }), {}),
    remove: Default(Type.Array(HeaderName, { wanted: 'a list of header names', description: 'headers it is not to have' }), []),
    of: Default(OneOf(['response', 'request'], { description: 'which message' }), 'response')
  }),
  doc: {
    summary: 'Sets and removes headers of a request or of its response.',
    example: { type: 'header', of: 'request', remove: ['authorization'], set: { 'x-tenant': 'nobody' } },
    seen: { curl: 'other headers, shown by `-i`; of a request, what the upstream makes of it, such as 401', node: 'other headers in `response.headers`; of a request, what the upstream makes of it' },
    limits: `Leaves alone what frames the message: ${FRAMING.join(', ')}. A body is not touched, so a content-encoding that was set or removed no longer fits it.`,
    like: [
      { tool: 'Chaos Mesh HTTPChaos', what: '`replace` (`headers`), target Response', as: { type: 'header', set: { 'cache-control': 'no-store' } } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`patch` (`headers`), target Request', as: { type: 'header', of: 'request', set: { 'x-user': 'nobody' } } },
      { tool: 'Litmus pod-http faults', what: 'modify header (`mode`, `headers`)', as: { type: 'header', of: 'request', set: { 'x-user': 'nobody' } } }
    ]
  },
  check ({ set, remove }, at) {
    const refuse = (key: string, message: string, found: unknown, wanted: string): never => {
      throw new PremortemError('PMT_ERR_INVALID', { message, path: at(key), found, wanted })
    }
    const names = Object.keys(set)
    if (names.length === 0 && remove.length === 0) refuse('set', 'nothing is set or removed', 'nothing', '`set`, `remove` or both')
    const frames = (name: string): boolean => FRAMING.includes(name.toLowerCase())
    const framing = names.find(frames)
    if (framing !== undefined) refuse(`set.${framing}`, 'this header frames the message', framing, 'another header; `bad-framing` breaks framing')
    const place = remove.findIndex(frames)
    if (place !== -1) refuse(`remove.${place}`, 'this header frames the message', remove[place], 'another header; `bad-framing` breaks framing')
  },
  begin: ({ set, remove, of }) => {
    const action: HttpAction = { do: 'rewrite', set, remove: remove.map((name) => name.toLowerCase()) }
    const rewrite = (): HttpAction => action
    return of === 'request' ? { request: rewrite } : { response: rewrite }
  }
})
