import type { Edited, HttpAction, MessageHead } from '../../faults/fault.ts'
import type { ActiveFault, Plan } from '../../faults/plan.ts'
import type { Stage } from '../stage.ts'
import { editHead } from './head-edit.ts'

/** Wants a message's body whole, to put another in its place. */
export interface Editor {
  readonly active: ActiveFault
  readonly limit: number
  readonly edit: Extract<HttpAction, { do: 'edit' }>['edit']
  /** It could not. */
  readonly unfit: (why: string) => void
}

/** Wants a copy of a message's bytes. */
export class Tee {
  readonly #limit: number
  readonly #done: (bytes: Buffer) => void
  readonly #tooLong: () => void
  #parts: Buffer[] = []
  #length = 0
  #over = false

  /** `done` gets the bytes once the message is complete; `tooLong` is called if they are more than `limit`. */
  constructor (limit: number, done: (bytes: Buffer) => void, tooLong: () => void) {
    this.#limit = limit
    this.#done = done
    this.#tooLong = tooLong
  }

  /** The bytes are copied: they may lie in a buffer that is read into again. */
  push (bytes: Buffer): void {
    if (this.#over) return
    this.#length += bytes.length
    if (this.#length <= this.#limit) {
      this.#parts.push(Buffer.from(bytes))
      return
    }
    this.#over = true
    this.#parts = []
    this.#tooLong()
  }

  end (): void {
    if (!this.#over) this.#done(Buffer.concat(this.#parts))
    this.#over = true
  }
}

/** What faults want changed in one message that goes on. */
export class Changes {
  readonly set: Record<string, string> = {}
  readonly remove = new Set<string>()
  readonly stages: Stage[] = []
  editors: readonly Editor[] = []
  readonly tees: Tee[] = []
  /** The connection ends after this exchange. */
  last = false

  rewrite (set: Readonly<Record<string, string>>, remove: readonly string[]): void {
    for (const name of remove) {
      this.remove.add(name.toLowerCase())
      for (const key of Object.keys(this.set)) if (key.toLowerCase() === name.toLowerCase()) delete this.set[key]
    }
    Object.assign(this.set, set)
  }

  /** The largest body an editor would take, in bytes. */
  get limit (): number { return Math.max(...this.editors.map(({ limit }) => limit)) }

  /** The head as it is to be sent. */
  head (head: Buffer): Buffer {
    return this.remove.size === 0 && Object.keys(this.set).length === 0 ? head : editHead(head, this)
  }

  /** The whole message as it is to be sent; null if no editor could do anything. */
  message (head: Buffer, fields: MessageHead, body: Buffer): Buffer | null {
    let edited: Edited | null = null
    const seen: MessageHead = { header: (name) => this.remove.has(name) ? this.set[name] : this.set[name] ?? fields.header(name) }
    for (const { limit, edit, unfit } of this.editors) {
      const before: Uint8Array = edited?.body ?? body
      if (before.length > limit) {
        unfit('the body is too long')
        continue
      }
      const found = edit(Buffer.from(before), seen)
      if (found === null) {
        unfit('not a body it can change')
        continue
      }
      edited = found
      this.rewrite(found.set ?? {}, found.remove ?? [])
    }
    if (edited === null) return null
    this.rewrite({ 'content-length': String(edited.body.length) }, ['transfer-encoding', 'trailer'])
    return Buffer.concat([this.head(head), edited.body])
  }

  /** Whether, of those who want the body whole, somebody is left when the faults outside a plan are gone. */
  waits (plan: Plan): boolean {
    const gone = this.editors.filter(({ active }) => !plan.faults.includes(active))
    for (const { unfit } of gone) unfit('it went before the body was whole')
    if (gone.length > 0) this.editors = this.editors.filter((editor) => !gone.includes(editor))
    return this.editors.length > 0
  }

  /** The body cannot be had whole. */
  unfit (why: string): void {
    for (const editor of this.editors) editor.unfit(why)
  }
}
