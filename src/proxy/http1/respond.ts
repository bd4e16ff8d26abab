import { STATUS_CODES } from 'node:http'
import type { HttpAction } from '../../faults/fault.ts'
import type { HeadProblem } from './head.ts'

/** The bytes of a response that premortem makes itself. */
export function responseBytes (options: {
  status: number
  headers: Record<string, string>
  body: string
  /** Of the request: HEAD gets no body. */
  method: string
  /** Whether the connection stays open afterwards. */
  persistent: boolean
}): Buffer {
  const { status, headers, body, method, persistent } = options
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`]
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  for (const [name, value] of Object.entries(headers)) {
    // The framing is ours: a length that lies would leave the connection out of step.
    if (!/^(content-length|transfer-encoding)$/i.test(name)) lines.push(`${name}: ${value}`)
  }
  const bodiless = status === 204 || status === 304
  if (!bodiless) lines.push(`content-length: ${Buffer.byteLength(body)}`)
  if (body !== '' && !given.has('content-type')) lines.push(`content-type: ${looksLikeJson(body) ? 'application/json' : 'text/plain; charset=utf-8'}`)
  if (!persistent && !given.has('connection')) lines.push('connection: close')
  const head = `${lines.join('\r\n')}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(bodiless || method === 'HEAD' ? '' : body)])
}

/** What a fault says in a response's place; `more` are headers beside its own. Raw bytes stay as they are. */
export function instead (
  action: Extract<HttpAction, { do: 'respond' | 'raw' }>, method: string, persistent: boolean, more: Readonly<Record<string, string>>
): Buffer {
  if (action.do === 'raw') return Buffer.from(action.bytes)
  return responseBytes({ ...action, headers: { ...action.headers, ...more }, method, persistent })
}

/** Tells a client that waits for it to send its body (RFC 9110 section 15.2.1). */
export const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')

/** What a client is told when TLS with the node fails; `why` is OpenSSL's or Node's code for it. */
export function badGateway (why: string): Extract<HttpAction, { do: 'respond' }> {
  return { do: 'respond', status: 502, headers: { 'x-premortem-upstream': why }, body: `no TLS with the node: ${why}\n` }
}

/** The answer to a request that cannot be framed. */
export function refusal (problem: HeadProblem): { status: number, bytes: Buffer } {
  const status = problem === 'too-large' ? 431 : 400
  const body = problem === 'too-large' ? 'the request head is larger than 64 KiB\n' : `the request is ${problem}\n`
  return { status, bytes: responseBytes({ status, headers: {}, body, method: 'GET', persistent: false }) }
}

function looksLikeJson (body: string): boolean {
  return /^\s*[{[]/.test(body)
}
