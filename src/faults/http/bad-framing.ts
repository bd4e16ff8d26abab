import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import type { Random } from '../../kernel/random.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction, HttpContext } from '../fault.ts'

const GARBAGE_BYTES = 128

/** A response that breaks a rule, and the status a client may read from it; 0 if none. */
const BROKEN = {
  // RFC 9112, 7.1: a chunk begins with its size in hexadecimal digits.
  'malformed-chunk': { status: 200, text: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\nthis is no chunk size\r\n' },
  garbage: { status: 0, text: null },
  // RFC 9112, 6.3: fewer bytes than said are an incomplete message; more belong to no message.
  'length-too-long': { status: 200, text: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 64\r\n\r\nthis is shorter\n' },
  'length-too-short': { status: 200, text: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nthis is longer\n' },
  // RFC 9112, 6.2: a sender must not send both.
  'both-lengths': { status: 200, text: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n' },
  // RFC 9112, 5: a field is a name, a colon and a value.
  'bad-header': { status: 200, text: 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nthis line has no colon\r\ncontent-length: 0\r\n\r\n' },
  // RFC 9112, 4: a status code is three digits.
  'bad-status-line': { status: 0, text: 'HTTP/1.1 2OO OK\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n' }
} as const

/** The response is not HTTP, or contradicts itself. */
export const badFraming = defineHttpFault({
  type: 'bad-framing',
  params: Strict({
    kind: Default(OneOf(Object.keys(BROKEN) as (keyof typeof BROKEN)[], { description: 'what is wrong with it' }), 'malformed-chunk'),
    when: Default(OneOf(['before', 'after'], {
      description: '`before`: the upstream is never called; `after`: it does the work and its reply is lost'
    }), 'before')
  }),
  doc: {
    summary: 'Sends a response that breaks the rules of HTTP/1.1, then closes the connection.',
    example: { type: 'bad-framing', kind: 'garbage', share: '5%' },
    seen: {
      curl: 'malformed-chunk: `(56) Illegal or missing hexadecimal sequence in chunked-encoding`; garbage: `(1) Received HTTP/0.9 when not allowed`; length-too-long: `(18) transfer closed with 48 bytes remaining to read`; bad-header: `(8) Header without colon`; bad-status-line: `(1) Unsupported response code in HTTP response`; length-too-short and both-lengths: nothing, it reads what it can',
      node: 'undici `HTTPParserError`, such as `Invalid character in chunk size`; length-too-long: `UND_ERR_SOCKET` other side closed; both-lengths: `UND_ERR_RES_CONTENT_LENGTH_MISMATCH`; length-too-short: nothing, where node:http has `HPE_INVALID_CONSTANT`'
    },
    limits: 'The responses are fixed and small; the upstream\'s own head and body are not used.',
    like: [
      { tool: 'WireMock', what: '`MALFORMED_RESPONSE_CHUNK`', as: { type: 'bad-framing', kind: 'malformed-chunk' } },
      { tool: 'WireMock', what: '`RANDOM_DATA_THEN_CLOSE`', as: { type: 'bad-framing', kind: 'garbage' } }
    ]
  },
  begin: ({ kind, when }) => {
    const { status, text } = BROKEN[kind]
    const send = (_: unknown, { random }: HttpContext): HttpAction =>
      ({ do: 'raw', bytes: text === null ? garbage(random) : Buffer.from(text, 'latin1'), status, end: 'close' })
    return when === 'before' ? { request: send } : { response: send }
  }
})

// No byte of it is ASCII, so that it never begins like a status line.
function garbage (random: Random): Uint8Array {
  return Uint8Array.from({ length: GARBAGE_BYTES }, () => random.integer(0x80, 0xff))
}
