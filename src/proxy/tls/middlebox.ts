import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Clock } from '../../kernel/clock.ts'
import { AHEAD, cut } from '../cut.ts'
import { Pipe } from '../pipe.ts'
import type { Stage } from '../stage.ts'

/** What a middlebox tells the connection it is in. */
export interface MiddleboxOwner {
  /** A stage has ended the connection below TLS; what was before the end is on its way. */
  cut (how: 'close' | 'reset'): void
  /** Bytes from the client; false if they are not to reach TLS. */
  fromClient? (chunk: Buffer): boolean
}

/** Stands between a client's socket and TLS, where stages act on the bytes that go to the client. */
export class Middlebox extends Duplex {
  /** Where the stages are. */
  readonly toClient: Pipe
  readonly #raw: Socket
  readonly #clock: Clock
  #full: (() => void) | null = null
  /** The client is about to be reset. */
  #reset = false

  constructor (raw: Socket, clock: Clock, stages: readonly Stage[], owner: MiddleboxOwner) {
    super({ allowHalfOpen: true })
    this.#raw = raw
    this.#clock = clock
    this.toClient = new Pipe(raw, clock, {
      hold: (hold) => {
        if (hold) return
        const go = this.#full
        this.#full = null
        go?.()
      },
      end: (_stage, action) => { owner.cut(action.do === 'close' || action.do === 'drop' ? 'close' : 'reset') },
      cut: (how) => {
        this.#reset = how === 'reset'
        owner.cut(how)
      }
    })
    this.toClient.setStages(stages)
    raw.on('data', (chunk: Buffer) => {
      if (owner.fromClient?.(chunk) === false) return
      if (!this.push(chunk)) raw.pause()
    })
    raw.on('end', () => { this.push(null) })
    raw.on('error', (error) => { this.destroy(error) })
    raw.on('close', () => { this.destroy() })
  }

  override _read (): void { this.#raw.resume() }

  override _write (chunk: Buffer, _encoding: string, done: () => void): void {
    this.toClient.write(chunk)
    if (this.toClient.full) this.#full = done
    else done()
  }

  override _final (done: () => void): void {
    this.toClient.end()
    done()
  }

  override _destroy (error: Error | null, done: (error: Error | null) => void): void {
    this.toClient.destroy()
    const raw = this.#raw
    // TLS above may have come to an orderly end before the RST below it is due.
    if (this.#reset) this.#clock.after(AHEAD, () => { cut(raw, raw) })
    else if (!raw.destroyed && !raw.writableEnded) raw.destroy()
    done(error)
  }
}
