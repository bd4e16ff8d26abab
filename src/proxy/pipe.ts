import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { StreamBehaviour } from '../faults/fault.ts'
import type { FaultCounters } from '../faults/plan.ts'
import { recordDelay } from './delays.ts'

/** A stream fault at work on a connection. */
export interface Stage { behaviour: StreamBehaviour, counters: FaultCounters }

/** How many bytes may wait in one direction: of chunks that are only delayed, and of those held or paced. */
const DELAYED_LIMIT = 16 * 1024 * 1024
const STUCK_LIMIT = 256 * 1024

/** A paced chunk is delivered in pieces of this part of a second. */
const PIECES_PER_SECOND = 50

/** What stands in the queue for FIN. */
const NO_BYTES = Buffer.alloc(0)

interface Waiting {
  chunk: Buffer
  arrivedAt: number
  due: number
  held: boolean
  /** Bytes a second; Infinity if not paced. */
  rate: number
  delays: { counters: FaultCounters, ms: number }[]
}

/**
 * One direction of a connection: takes chunks, asks the stream faults, writes to the sink. With no fault it only
 * writes. `hold` tells the other side to stop reading, or to go on.
 */
export class Pipe {
  readonly sink: Socket
  /** Bytes taken. */
  bytes = 0
  readonly #clock: Clock
  readonly #hold: (hold: boolean) => void
  #stages: readonly Stage[] = []
  #idle = true
  #queue: Waiting[] = []
  /** Where the queue begins: shifting a long array would move all of it. */
  #head = 0
  #queued = 0
  #blocked = false
  /** The limit that was exceeded; reading goes on at half of it. */
  #limit = 0
  #ended = false
  #nextFree = 0
  #cancel: Cancel | null = null
  /** Who wants to know when all up to a byte is out. */
  #flushed: { upTo: number, fn: () => void }[] = []

  constructor (sink: Socket, clock: Clock, hold: (hold: boolean) => void) {
    this.sink = sink
    this.#clock = clock
    this.#hold = hold
    sink.on('drain', () => {
      if (this.#waiting) this.#release()
      else this.#unblock()
    })
  }

  /** Puts other faults to work; what waits for a fault that is gone goes out at once. */
  setStages (stages: readonly Stage[]): void {
    if (stages.length === 0 && this.#stages.length === 0) return
    this.#stages = stages
    for (let i = this.#head; i < this.#queue.length; i++) this.#ask(this.#queue[i]!)
    this.#idle = stages.length === 0 && !this.#waiting
    this.#nextFree = this.#clock.now()
    if (this.#waiting) this.#release()
  }

  write (chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.#idle) {
      if (!this.sink.write(chunk)) this.#stop(0)
      return
    }
    this.#enqueue(chunk)
  }

  /** Sends FIN once everything before it is out; the faults have their say about it as about bytes. */
  end (): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#idle) this.sink.end()
    else this.#enqueue(NO_BYTES)
  }

  /** Calls `fn` when all that was written so far has been handed to the sink. */
  flushed (fn: () => void): void {
    if (this.#queued === 0) fn()
    else this.#flushed.push({ upTo: this.bytes, fn })
  }

  /** The other side has been told to stop reading. */
  get full (): boolean { return this.#blocked }

  /** Forgets what waits. */
  destroy (): void {
    this.#cancel?.()
    this.#cancel = null
    this.#queue = []
    this.#head = 0
    this.#queued = 0
    this.#flushed = []
  }

  /** Everything taken so far is the kernel's now. */
  get empty (): boolean { return !this.#waiting && this.sink.writableLength === 0 }

  get #waiting (): boolean { return this.#head < this.#queue.length }

  #enqueue (chunk: Buffer): void {
    const item: Waiting = { chunk, arrivedAt: this.#clock.now(), due: 0, held: false, rate: Infinity, delays: [] }
    this.#ask(item)
    this.#queue.push(item)
    this.#queued += chunk.length
    const limit = item.held || item.rate !== Infinity ? STUCK_LIMIT : DELAYED_LIMIT
    if (this.#queued > limit) this.#stop(limit)
    if (this.#queue.length - this.#head === 1) this.#release()
  }

  #ask (item: Waiting): void {
    item.due = item.arrivedAt
    item.held = false
    item.rate = Infinity
    item.delays = []
    for (const { behaviour, counters } of this.#stages) {
      const action = behaviour.chunk?.(item.chunk, 0)
      switch (action?.do) {
        case 'delay':
          item.due += action.ms
          item.delays.push({ counters, ms: action.ms })
          break
        case 'pace':
          item.rate = Math.min(item.rate, action.rate)
          break
        case 'hold':
          item.held = true
      }
    }
  }

  #release (): void {
    this.#cancel?.()
    this.#cancel = null
    this.#sendDue()
    while (this.#flushed.length > 0 && this.#flushed[0]!.upTo <= this.bytes - this.#queued) this.#flushed.shift()!.fn()
  }

  // Sends what is due, then sets one timer for the first that is not.
  #sendDue (): void {
    for (let item = this.#queue[this.#head]; item !== undefined; item = this.#queue[this.#head]) {
      if (item.held || this.sink.writableNeedDrain) return
      const now = this.#clock.now()
      if (item.due > now) return this.#wait(item.due)
      const { length } = item.chunk
      const piece = item.rate === Infinity ? length : Math.min(length, Math.ceil(item.rate / PIECES_PER_SECOND))
      if (item.rate !== Infinity) {
        // Counted from when the last piece was due, not from when it went out: errors of timers do not add up.
        const start = Math.max(this.#nextFree, item.due)
        const out = start + piece * 1000 / item.rate
        if (out > now) return this.#wait(out)
        this.#nextFree = out
      }
      this.#send(item, piece, now)
    }
    this.#idle = this.#stages.length === 0
    if (this.#ended) this.sink.end()
    if (!this.sink.writableNeedDrain) this.#unblock()
  }

  #send (item: Waiting, length: number, now: number): void {
    const last = length === item.chunk.length
    if (length > 0) this.sink.write(last ? item.chunk : item.chunk.subarray(0, length))
    this.#queued -= length
    if (!last) {
      item.chunk = item.chunk.subarray(length)
      // The next piece of a paced chunk follows its predecessor, however long ago the chunk came.
      return
    }
    this.#advance()
    const late = now - item.due
    for (const { counters, ms } of item.delays) {
      recordDelay(counters, ms, ms + late)
    }
    if (this.#queued <= this.#limit / 2 && !this.sink.writableNeedDrain) this.#unblock()
  }

  #advance (): void {
    this.#head++
    if (this.#head < 1024 && this.#head < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }

  #wait (until: number): void {
    this.#cancel = this.#clock.at(until, () => { this.#release() })
  }

  #stop (limit: number): void {
    this.#limit = limit
    if (this.#blocked) return
    this.#blocked = true
    this.#hold(true)
  }

  #unblock (): void {
    if (!this.#blocked) return
    this.#blocked = false
    this.#hold(false)
  }
}
