import { Type } from 'typebox'
import { OF, WHOLE_LIMIT, onBodies } from '../bodies.ts'
import { decodeContent } from '../content-coding.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { Edited, MessageHead } from '../fault.ts'
import { HeaderValue } from '../header.ts'
import { mergePatch } from '../merge-patch.ts'

/** Fields that speak of the bytes that were (RFC 9110, 8.4 and 8.8.3; RFC 9530; RFC 3230). */
const WRONG = ['content-encoding', 'content-md5', 'content-digest', 'repr-digest', 'digest', 'etag']

/** A message has another body. */
export const body = defineHttpFault({
  type: 'body',
  params: Strict({
    replace: Type.Optional(Type.String({ description: 'the body in its place' })),
    merge: Type.Optional(Type.Record(Type.String(), Type.Unknown(), {
      wanted: 'a JSON merge patch: a mapping', description: 'in place of `replace`: a JSON merge patch, whose members are set, or removed where they are null'
    })),
    'content-type': Type.Optional(HeaderValue({ description: 'content-type of the body; as it was if left out' })),
    of: OF
  }),
  doc: {
    summary: 'Puts another body in place of a request\'s or a response\'s, or changes members of a JSON one.',
    example: { type: 'body', merge: { price: null, currency: 'XXX' }, match: { path: '/products/*' } },
    seen: { curl: 'another body', node: 'another body: `JSON.parse` may throw, and fields are not what they were' },
    limits: 'Waits for the whole body, of 1 MiB at most; a larger one passes unchanged, and so does one that is no JSON (after gzip, deflate or br, in 8 MiB) for `merge`. Headers that no longer fit are removed: content-encoding, etag, digests. Numbers beyond double precision are rounded by `merge`.',
    like: [
      { tool: 'Chaos Mesh HTTPChaos', what: '`replace` (`body`), target Response', as: { type: 'body', replace: '{"error":"injected"}', 'content-type': 'application/json' } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`patch` (`body`, type JSON), target Response', as: { type: 'body', merge: { foo: 'bar' } } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`patch` (`body`, type JSON), target Request', as: { type: 'body', of: 'request', merge: { foo: 'bar' } } },
      { tool: 'Litmus pod-http faults', what: 'modify body (`body`, `content_type`)', as: { type: 'body', replace: 'injected', 'content-type': 'text/plain' } },
      { tool: 'MockServer', what: '`graphqlErrors`', as: { type: 'body', merge: { data: null, errors: [{ message: 'injected' }] } } }
    ]
  },
  check ({ replace, merge }, at) {
    if ((replace === undefined) !== (merge === undefined)) return
    throw new PremortemError('PMT_ERR_INVALID', {
      message: replace === undefined ? 'nothing says which body' : '`merge` stands in place of `replace`',
      path: at(replace === undefined ? 'replace' : 'merge'),
      found: replace === undefined ? 'nothing' : merge,
      wanted: 'either `replace`, a text, or `merge`, a JSON merge patch'
    })
  },
  begin: ({ replace, merge, 'content-type': contentType, of }) => {
    const set: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }
    const edit = (original: Buffer, head: MessageHead): Edited | null => {
      const edited = replace === undefined ? merged(original, head, merge) : Buffer.from(replace)
      return edited === null ? null : { body: edited, remove: WRONG, set }
    }
    return onBodies(of, (length) => length !== undefined && length > WHOLE_LIMIT
      ? { do: 'unfit', why: 'the body is larger than 1 MiB' }
      : { do: 'edit', limit: WHOLE_LIMIT, edit }, replace !== undefined)
  }
})

function merged (body: Buffer, head: MessageHead, patch: unknown): Buffer | null {
  const text = decodeContent(body, head.header('content-encoding'))
  if (text === null) return null
  try {
    return Buffer.from(JSON.stringify(mergePatch(JSON.parse(text.toString()), patch)))
  } catch {
    // No JSON, or nested deeper than the stack.
    return null
  }
}
