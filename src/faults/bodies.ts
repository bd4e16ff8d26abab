import { Default, OneOf } from '../kernel/schema.ts'
import type { HttpAction, HttpBehaviour, HttpContext, MessageHead, RequestHead, ResponseHead } from './fault.ts'

/** How large a body may be that is waited for as a whole, in bytes. */
export const WHOLE_LIMIT = 1024 * 1024

/** The parameter of which message a fault acts on. */
export const OF = Default(OneOf(['response', 'request'], { description: 'which body' }), 'response')

/** What a fault on bodies gets: the message's head, and its body's length in bytes, undefined if only its end will tell. */
export type OnBody = (length: number | undefined, context: HttpContext, head: MessageHead) => HttpAction

/** Acts on the bodies of requests or of responses; those without one are unfit, and empty ones unless `empty` is set. */
export function onBodies (of: 'request' | 'response', act: OnBody, empty = false): HttpBehaviour {
  const ask = (length: number | null | undefined, context: HttpContext, head: MessageHead): HttpAction =>
    length === null || (length === 0 && !empty) ? { do: 'unfit', why: `the ${of} has no body` } : act(length, context, head)
  return of === 'request'
    ? { request: (head, context) => ask(requestLength(head), context, head) }
    : { response: (head, context) => ask(responseLength(head, context.request), context, head) }
}

/** A response's body in bytes: null if it has none, undefined if only its end will tell (RFC 9112, 6.3). */
export function responseLength (head: ResponseHead, request: RequestHead): number | null | undefined {
  const { status } = head
  return request.method === 'HEAD' || status < 200 || status === 204 || status === 304 ? null : saidLength(head)
}

/** The same of a request, which has none where it speaks of none. */
export function requestLength (head: RequestHead): number | null | undefined {
  return head.header('transfer-encoding') === undefined ? saidLength(head) ?? null : undefined
}

function saidLength (head: MessageHead): number | undefined {
  const said = head.header('content-length')
  return said !== undefined && /^\d+$/.test(said) && head.header('transfer-encoding') === undefined ? Number(said) : undefined
}
