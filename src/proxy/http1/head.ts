import type { RequestHead, ResponseHead } from '../../faults/fault.ts'

/** The largest head that is taken, in bytes; a larger one is refused with 431. */
export const MAX_HEAD = 64 * 1024

/** Why a head cannot be framed with certainty. */
export type HeadProblem = 'malformed' | 'too-large' | 'ambiguous-length'

const LF = 10
const CR = 13
const COLON = 58

// token characters of RFC 9110 section 5.6.2
const TOKEN = new Uint8Array(256)
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") TOKEN[c.charCodeAt(0)] = 1

/** What framing needs to know of the fields of a head (RFC 9112 section 6). */
class Fields {
  /** Bytes, the empty line included. */
  size = 0
  contentLength = -1
  chunked = false
  /** Transfer-Encoding is present, chunked or not. */
  coded = false
  close = false
  keepAlive = false
  #bytes: Buffer
  #names: Map<string, string> | undefined
  readonly #firstLine: number

  constructor (bytes: Buffer, firstLine: number) {
    this.#bytes = bytes
    this.#firstLine = firstLine
  }

  /** A field's value by its lower-case name; several of one name are joined by a comma. Read only when a fault asks. */
  header (name: string): string | undefined {
    this.#names ??= readNames(this.#bytes, this.#firstLine, this.size)
    return this.#names.get(name)
  }
}

function readNames (bytes: Buffer, start: number, end: number): Map<string, string> {
  const names = new Map<string, string>()
  for (const line of bytes.toString('latin1', start, end).split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = names.get(name)
    names.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return names
}

/** A request's head, pointing into the bytes it came in. */
export class ParsedRequest extends Fields implements RequestHead {
  readonly method: string
  /** The request target as sent. */
  readonly target: string
  readonly minor: number
  client = ''
  /** Asked for by every fault and by the observation. */
  #path: string | undefined

  constructor (bytes: Buffer, firstLine: number, method: string, target: string, minor: number) {
    super(bytes, firstLine)
    this.method = method
    this.target = target
    this.minor = minor
  }

  get path (): string {
    this.#path ??= this.#readPath()
    return this.#path
  }

  #readPath (): string {
    // absolute-form (RFC 9112 section 3.2.2) carries scheme and authority
    const path = this.target.charCodeAt(0) === 47 ? this.target : this.target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    const query = path.indexOf('?')
    return (query === -1 ? path : path.slice(0, query)) || '/'
  }

  get host (): string {
    return (this.header('host') ?? '').replace(/:\d+$/, '').toLowerCase()
  }

  /** Whether the client means to send another request on this connection (RFC 9112 section 9.3). */
  get persistent (): boolean {
    return this.minor >= 1 ? !this.close : this.keepAlive
  }
}

/** A response's head, pointing into the bytes it came in. */
export class ParsedResponse extends Fields implements ResponseHead {
  readonly status: number

  constructor (bytes: Buffer, firstLine: number, status: number) {
    super(bytes, firstLine)
    this.status = status
  }
}

/** The request head at the start of `bytes`; null while its end has not come. Empty lines before it are the caller's to skip. */
export function parseRequest (bytes: Buffer): ParsedRequest | HeadProblem | null {
  const end = lineEnd(bytes, 0)
  if (end < 0) return end === -2 ? 'malformed' : incomplete(bytes)
  let i = 0
  while (TOKEN[bytes[i]!] === 1) i++
  if (i === 0 || bytes[i] !== 32) return 'malformed'
  const isGet = i === 3 && bytes[0] === 71 && bytes[1] === 69 && bytes[2] === 84
  const method = isGet ? 'GET' : bytes.toString('latin1', 0, i)
  const minor = versionAt(bytes, end - 8)
  // "SP target SP HTTP/1.x": the target has at least one character, and no space or control character
  if (minor < 0 || end - 9 <= i + 1 || bytes[end - 9] !== 32) return 'malformed'
  for (let j = i + 1; j < end - 9; j++) if (bytes[j]! <= 32 || bytes[j] === 127) return 'malformed'
  const head = new ParsedRequest(bytes, end + 2, method, bytes.toString('latin1', i + 1, end - 9), minor)
  const problem = readFields(head, bytes, end + 2)
  if (problem !== undefined) return problem
  // Transfer-Encoding that does not end in chunked has no length in a request (RFC 9112 section 6.3)
  return head.coded && !head.chunked ? 'ambiguous-length' : head
}

/** The response head at the start of `bytes`; null while its end has not come. */
export function parseResponse (bytes: Buffer): ParsedResponse | HeadProblem | null {
  const end = lineEnd(bytes, 0)
  if (end < 0) return end === -2 ? 'malformed' : incomplete(bytes)
  if (end < 12 || versionAt(bytes, 0) < 0 || bytes[8] !== 32) return 'malformed'
  let status = 0
  for (let i = 9; i < 12; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return 'malformed'
    status = status * 10 + digit
  }
  if (status < 100 || (end > 12 && bytes[12] !== 32)) return 'malformed'
  const head = new ParsedResponse(bytes, end + 2, status)
  const problem = readFields(head, bytes, end + 2)
  return problem === undefined ? head : problem
}

const incomplete = (bytes: Buffer): HeadProblem | null => bytes.length > MAX_HEAD ? 'too-large' : null

/** Where the line's CR stands; -1 if the line has not ended; -2 if it ends in a bare LF or has a bare CR or NUL. */
function lineEnd (bytes: Buffer, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const c = bytes[i]!
    if (c > CR) continue
    if (c === CR) {
      if (i + 1 === bytes.length) return -1
      return bytes[i + 1] === LF ? i : -2
    }
    if (c === LF || c === 0) return -2
  }
  return -1
}

// "HTTP/1.0" or "HTTP/1.1"; the minor version, or -1
function versionAt (bytes: Buffer, at: number): number {
  if (at < 0 || bytes[at] !== 72 || bytes[at + 1] !== 84 || bytes[at + 2] !== 84 || bytes[at + 3] !== 80 ||
    bytes[at + 4] !== 47 || bytes[at + 5] !== 49 || bytes[at + 6] !== 46) return -1
  const minor = bytes[at + 7]! - 48
  return minor === 0 || minor === 1 ? minor : -1
}

// Fills in what framing needs and the head's size. Returns a problem, null while incomplete, undefined when done.
function readFields (head: Fields, bytes: Buffer, from: number): HeadProblem | null | undefined {
  let at = from
  for (; ;) {
    const end = lineEnd(bytes, at)
    if (end === -1) return incomplete(bytes)
    if (end === -2) return 'malformed'
    if (end === at) {
      head.size = at + 2
      return head.size > MAX_HEAD ? 'too-large' : head.coded && head.contentLength >= 0 ? 'ambiguous-length' : undefined
    }
    let colon = at
    while (TOKEN[bytes[colon]!] === 1) colon++
    // no name, white space before the colon, or a folded line
    if (colon === at || bytes[colon] !== COLON) return 'malformed'
    switch (colon - at) {
      case 10: if (named(bytes, at, 'connection')) readConnection(head, bytes, colon + 1, end); break
      case 14: {
        if (!named(bytes, at, 'content-length')) break
        const length = wholeNumber(bytes, colon + 1, end)
        if (length < 0 || (head.contentLength >= 0 && head.contentLength !== length)) return 'ambiguous-length'
        head.contentLength = length
        break
      }
      case 17: {
        if (!named(bytes, at, 'transfer-encoding')) break
        // A coding after chunked, or chunked twice, cannot be framed
        if (head.chunked) return 'ambiguous-length'
        head.coded = true
        const codings = valueOf(bytes, colon, end).toLowerCase().split(',').map((coding) => coding.trim())
        head.chunked = codings.at(-1) === 'chunked'
        if (codings.slice(0, -1).includes('chunked')) return 'ambiguous-length'
      }
    }
    at = end + 2
  }
}

function named (bytes: Buffer, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if ((bytes[at + i]! | 32) !== name.charCodeAt(i)) return false
  return true
}

const valueOf = (bytes: Buffer, colon: number, end: number): string => bytes.toString('latin1', colon + 1, end).trim()

// The digits between optional white space; -1 if there is anything else, or more than 15 of them.
function wholeNumber (bytes: Buffer, from: number, end: number): number {
  let i = from
  let last = end
  while (i < last && isSpace(bytes[i]!)) i++
  while (last > i && isSpace(bytes[last - 1]!)) last--
  if (i === last || last - i > 15) return -1
  let value = 0
  for (; i < last; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

const isSpace = (c: number): boolean => c === 32 || c === 9

function readConnection (head: Fields, bytes: Buffer, from: number, end: number): void {
  // What nearly every response says.
  if (end - from === 11 && bytes[from] === 32 && named(bytes, from + 1, 'keep-alive')) {
    head.keepAlive = true
    return
  }
  for (const option of bytes.toString('latin1', from, end).toLowerCase().split(',')) {
    const word = option.trim()
    if (word === 'close') head.close = true
    else if (word === 'keep-alive') head.keepAlive = true
  }
}
