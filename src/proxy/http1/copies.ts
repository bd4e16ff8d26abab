import type { Cancel, Clock } from '../../kernel/clock.ts'
import { dial } from '../upstream.ts'
import type { NodeState } from '../upstream.ts'
import { Body } from './body.ts'
import { parseResponse } from './head.ts'
import { Pending } from './pending.ts'

/** How long a copy may wait for its answer, in milliseconds. */
const PATIENCE = 30_000

/** How many copies may be under way at a time; more are not sent. */
const MOST = 1000

/** Delivers requests once more, each on a connection of its own, and throws the answers away. */
export class Copies {
  readonly #clock: Clock
  readonly #connectTimeout: number
  readonly #underWay = new Set<Cancel>()

  /** `connectTimeout` in milliseconds. */
  constructor (clock: Clock, connectTimeout: number) {
    this.#clock = clock
    this.#connectTimeout = connectTimeout
  }

  /** How many wait or are under way. */
  get size (): number { return this.#underWay.size }

  /** Sends the bytes of a request with this method to a node, `after` milliseconds from now. */
  deliver (node: NodeState, bytes: Buffer, method: string, after: number): void {
    if (this.#underWay.size >= MOST) return
    let cancel: Cancel = this.#clock.after(after, () => {
      cancel = dial([node], this.#connectTimeout, this.#clock, (dialled) => {
        if ('error' in dialled) return over()
        const { socket, reader } = dialled
        const cancelWait = this.#clock.after(PATIENCE, () => { over() })
        cancel = () => {
          cancelWait()
          socket.destroy()
        }
        reader.into(readAnswer(method, over))
        socket.on('error', over).on('end', over)
        socket.write(bytes)
      })
    })
    const whole: Cancel = () => { cancel() }
    const over = (): void => {
      cancel()
      this.#underWay.delete(whole)
    }
    this.#underWay.add(whole)
  }

  /** Cuts what is under way. */
  stop (): void {
    for (const cancel of this.#underWay) cancel()
    this.#underWay.clear()
  }
}

/** Takes chunks until a response is whole, or cannot be framed. Says that it needs their bytes no longer. */
function readAnswer (method: string, over: () => void): (chunk: Buffer) => boolean {
  const pending = new Pending()
  let body: Body | null = null
  return (chunk) => {
    pending.push(Buffer.from(chunk), 0)
    while (pending.bytes !== null) {
      if (body === null) {
        const head = parseResponse(pending.bytes)
        if (head === null) break
        if (typeof head === 'string' || head.status === 101) {
          over()
          break
        }
        pending.take(head.size)
        if (head.status >= 200) body = Body.ofResponse(head, method)
        if (body?.done === true) {
          over()
          break
        }
        continue
      }
      pending.take(body.consume(pending.bytes, 0) || pending.length)
      if (body.done || body.broken) {
        over()
        break
      }
    }
    return true
  }
}
