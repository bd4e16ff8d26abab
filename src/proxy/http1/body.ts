import type { ParsedRequest, ParsedResponse } from './head.ts'

/** How long a chunk's size line or a trailer section may get, in bytes. */
const MAX_LINE = 16 * 1024

const LF = 10
const CR = 13

/** How a body ends (RFC 9112 section 6.3). */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close'

type ChunkState = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailer-start' | 'trailer' | 'trailer-lf' | 'end-lf'

/** A stretch of bytes, `end` not included. */
export interface Range { start: number, end: number }

/** Finds the end of a message body in its bytes, which it leaves alone. */
export class Body {
  readonly framing: Framing
  /** The last byte has been seen. Never true for `until-close`: the connection's end is the body's. */
  done: boolean
  /** The chunked coding is broken: nothing after this can be framed. */
  broken = false
  #left: number
  #state: ChunkState = 'size'
  #digits = 0
  #line = 0

  constructor (framing: Framing, length = 0) {
    this.framing = framing
    this.#left = length
    this.done = framing === 'none' || (framing === 'length' && length === 0)
  }

  /** The body of a request. */
  static ofRequest (head: ParsedRequest): Body {
    if (head.chunked) return new Body('chunked')
    return head.contentLength > 0 ? new Body('length', head.contentLength) : NO_BODY
  }

  /** The body of a response to a request of this method. */
  static ofResponse (head: ParsedResponse, method: string): Body {
    const { status } = head
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY
    if (head.chunked) return new Body('chunked')
    if (head.coded) return new Body('until-close')
    if (head.contentLength === 0) return NO_BODY
    return head.contentLength > 0 ? new Body('length', head.contentLength) : new Body('until-close')
  }

  /**
   * How many bytes of `bytes`, from `from` on, belong to the body; the rest is the next message. Where they are data, and
   * not what frames chunks, is added to `data`, if it is given.
   */
  consume (bytes: Buffer, from: number, data?: Range[]): number {
    switch (this.framing) {
      case 'none': return 0
      case 'until-close':
        data?.push({ start: from, end: bytes.length })
        return bytes.length - from
      case 'length': {
        const taken = Math.min(this.#left, bytes.length - from)
        this.#left -= taken
        this.done = this.#left === 0
        if (taken > 0) data?.push({ start: from, end: from + taken })
        return taken
      }
      case 'chunked': return this.#consumeChunked(bytes, from, data) - from
    }
  }

  #consumeChunked (bytes: Buffer, from: number, data?: Range[]): number {
    let i = from
    while (i < bytes.length && !this.done && !this.broken) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#left, bytes.length - i)
        data?.push({ start: i, end: i + taken })
        i += taken
        this.#left -= taken
        if (this.#left === 0) this.#state = 'data-cr'
        continue
      }
      this.#step(bytes[i++]!)
    }
    return i
  }

  // One byte of the coding around the data (RFC 9112 section 7.1). Bare LF is refused, as everywhere.
  #step (c: number): void {
    if (++this.#line > MAX_LINE) this.broken = true
    switch (this.#state) {
      case 'size': {
        const digit = hexDigit(c)
        if (digit >= 0) {
          // 13 hex digits are below 2^53
          if (++this.#digits > 13) this.broken = true
          this.#left = this.#left * 16 + digit
        } else if (this.#digits === 0) this.broken = true
        else if (c === CR) this.#state = 'size-lf'
        else if (c === 59 || c === 32 || c === 9) this.#state = 'extension'
        else this.broken = true
        break
      }
      case 'extension':
        if (c === CR) this.#state = 'size-lf'
        else if (c === LF || c === 0) this.broken = true
        break
      case 'size-lf':
        this.#expect(c, LF, this.#left === 0 ? 'trailer-start' : 'data')
        this.#digits = 0
        this.#line = 0
        break
      case 'data-cr': this.#expect(c, CR, 'data-lf'); break
      case 'data-lf': this.#expect(c, LF, 'size'); break
      case 'trailer-start':
        if (c === LF || c === 0) this.broken = true
        this.#state = c === CR ? 'end-lf' : 'trailer'
        break
      case 'trailer':
        if (c === CR) this.#state = 'trailer-lf'
        else if (c === LF || c === 0) this.broken = true
        break
      case 'trailer-lf': this.#expect(c, LF, 'trailer-start'); break
      case 'end-lf':
        if (c === LF) this.done = true
        else this.broken = true
        break
      case 'data': // consumed in bulk
    }
  }

  #expect (c: number, wanted: number, next: ChunkState): void {
    if (c === wanted) this.#state = next
    else this.broken = true
  }
}

/** The body that is not there; shared, because it has no state. */
export const NO_BODY = new Body('none')

function hexDigit (c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
