import type { MessageHead } from '../../faults/fault.ts'
import type { Pipe } from '../pipe.ts'
import { NO_BODY } from './body.ts'
import type { Body, Range } from './body.ts'
import type { Changes } from './changes.ts'
import { Pending } from './pending.ts'

/** How many bytes a head and the framing of chunks may have, beside four times the data. */
const MOST_OVERHEAD = 128 * 1024

/** How far the search for the end of a body has come. */
export type Collected = 'more' | 'whole' | 'not to be had'

/** One direction of the exchanges on a connection: bytes that wait their turn, and the message that is on its way. */
export class Flow {
  readonly pending = new Pending()
  body = NO_BODY
  #changes: Changes | null = null
  #scanned = 0
  #data: Range[] = []
  #size = 0

  /** A message begins. Its body is `body`; `changes` are null if no fault wants any. */
  begin (body: Body, changes: Changes | null): void {
    this.body = body
    this.#changes = changes
  }

  /** Passes on what there is of the message, `before` bytes of its head in front; `pipe` is null for what goes nowhere. */
  pass (pipe: Pipe | null, before: number): void {
    const { body } = this
    const stages = this.#changes?.stages ?? []
    const data: Range[] | undefined = stages.length > 0 ? [] : undefined
    const taken = body.consume(this.pending.bytes!, before, data)
    const bytes = this.pending.take(before + taken)
    for (const tee of this.#changes?.tees ?? []) tee.push(bytes)
    if (pipe !== null && data === undefined) pipe.write(bytes)
    else if (pipe !== null) {
      let at = 0
      for (const { start, end } of data!) {
        if (start > at) pipe.write(bytes.subarray(at, start))
        pipe.write(bytes.subarray(start, end), stages)
        at = end
      }
      if (at < bytes.length) pipe.write(bytes.subarray(at))
    }
    if (body.done) this.complete()
  }

  /** The message has come whole. */
  complete (): void {
    for (const tee of this.#changes?.tees ?? []) tee.end()
  }

  /** Begins to look for the end of a body whose message waits, `size` bytes of head in front. */
  collect (body: Body, size: number): void {
    this.body = body
    this.#scanned = size
    this.#data = []
    this.#size = 0
  }

  /** Whether all of the body has come, or more than `limit` bytes of it. */
  collected (limit: number): Collected {
    const bytes = this.pending.bytes!
    const known = this.#data.length
    this.#scanned += this.body.consume(bytes, this.#scanned, this.#data)
    for (const { start, end } of this.#data.slice(known)) this.#size += end - start
    // What frames chunks may be far more than their data.
    if (this.body.broken || this.#size > limit || bytes.length > MOST_OVERHEAD + 4 * limit) return 'not to be had'
    return this.body.done ? 'whole' : 'more'
  }

  /** Puts the message as `changes` want it in the place of the one that waits. */
  edit (changes: Changes, size: number, head: MessageHead): void {
    const bytes = this.pending.bytes!
    const body = Buffer.concat(this.#data.map(({ start, end }) => bytes.subarray(start, end)))
    const message = changes.message(Buffer.from(bytes.subarray(0, size)), head, body)
    if (message === null) this.editHead(changes, size)
    else this.pending.replace(this.#scanned, message)
  }

  /** The same for the head alone. */
  editHead (changes: Changes, size: number): void {
    const head = this.pending.bytes!.subarray(0, size)
    const edited = changes.head(head)
    if (edited !== head) this.pending.replace(size, edited)
  }

  /** The message is over. */
  end (): void {
    this.body = NO_BODY
    this.#changes = null
  }
}
