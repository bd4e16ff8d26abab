import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { PASS } from '../faults/fault.ts'
import type { StreamAction } from '../faults/fault.ts'
import { recordDelay } from './delays.ts'
import { Parcel } from './parcel.ts'
import type { Stage } from './stage.ts'

/** How many bytes may wait in one direction: of chunks that are only delayed, and of those held, paced or split. */
const DELAYED_LIMIT = 16 * 1024 * 1024
const STUCK_LIMIT = 256 * 1024

/** What stands in the queue for FIN. */
const NO_BYTES = Buffer.alloc(0)

const NO_STAGES: readonly Stage[] = Object.freeze([])

/** What a stage may ask of the whole connection when bytes or FIN arrive. */
export type Ending = Extract<StreamAction, { do: 'close' | 'reset' | 'drop' | 'abandon' }>

/** The connection a pipe belongs to, as the pipe sees it. */
export interface PipeOwner {
  /** The other side is to stop being read, or to go on. */
  hold (hold: boolean): void
  /** A stage wants the connection to end; what it said it about is lost. */
  end (stage: Stage, action: Ending): void
  /** A stage has cut the stream here, and all before the cut is out. */
  cut (how: 'close' | 'reset'): void
}

/**
 * One direction of a connection: takes chunks, asks the stream faults, writes to the sink. With no fault it only
 * writes.
 */
export class Pipe {
  readonly sink: Socket
  /** Bytes taken, and of those the ones that a fault lost. */
  bytes = 0
  lost = 0
  readonly #clock: Clock
  readonly #owner: PipeOwner
  #stages = NO_STAGES
  #idle = true
  #queue: Parcel[] = []
  /** Where the queue begins: shifting a long array would move all of it. */
  #head = 0
  #queued = 0
  #blocked = false
  /** The limit that was exceeded; reading goes on at half of it. */
  #limit = 0
  #ended = false
  #cut = false
  #destroyed = false
  /** No piece leaves before this, after one that had a gap behind it. */
  #ready = 0
  #cancel: Cancel | null = null
  /** Who wants to know when all up to a byte is out. */
  #flushed: { upTo: number, fn: (out: boolean) => void }[] = []

  constructor (sink: Socket, clock: Clock, owner: PipeOwner) {
    this.sink = sink
    this.#clock = clock
    this.#owner = owner
    sink.on('drain', () => {
      if (this.#waiting) this.#release()
      else this.#unblock()
    })
  }

  /** Bytes taken and not lost. */
  get kept (): number { return this.bytes - this.lost }

  /** Bytes handed to the sink. */
  get sent (): number { return this.kept - this.#queued }

  /** Puts other stages to work; what waits for one that is gone goes out at once. Each is asked about each chunk once. */
  setStages (stages: readonly Stage[]): void {
    const before = this.#stages
    if (stages.length === 0 && before.length === 0) return
    this.#stages = stages
    const added = stages.filter((stage) => !before.includes(stage))
    this.#reconsider((stage) => !before.includes(stage) || stages.includes(stage), added)
  }

  /** Takes back what a stage given to `write` has asked for. */
  forget (gone: Stage): void {
    this.#reconsider((stage) => stage !== gone, NO_STAGES)
  }

  /** Takes a chunk; `own` are stages for it alone, after those of the connection. */
  write (chunk: Buffer, own?: readonly Stage[]): void {
    this.bytes += chunk.length
    if (this.#idle && own === undefined) {
      if (!this.sink.write(chunk)) this.#stop(0)
      return
    }
    if (this.#cut) this.lost += chunk.length
    else this.#enqueue(new Parcel(chunk, this.#clock.now()), own)
  }

  /** Sends FIN once everything before it is out; the faults have their say about it as about bytes. */
  end (): void {
    if (this.#ended || this.#cut) return
    this.#ended = true
    if (this.#idle) this.sink.end()
    else this.#enqueue(new Parcel(NO_BYTES, this.#clock.now(), 'fin'))
  }

  /** Calls `fn` when all that was written so far has been handed to the sink: with false if it never will be. */
  flushed (fn: (out: boolean) => void): void {
    if (this.#queued === 0) fn(!this.#destroyed)
    else this.#flushed.push({ upTo: this.bytes, fn })
  }

  /** The other side has been told to stop reading. */
  get full (): boolean { return this.#blocked }

  /** Forgets what waits. */
  destroy (): void {
    this.#destroyed = true
    this.#cancel?.()
    this.#cancel = null
    this.#queue = []
    this.#head = 0
    this.lost += this.#queued
    this.#queued = 0
    const waiting = this.#flushed
    this.#flushed = []
    for (const { fn } of waiting) fn(false)
  }

  /** Forgets what waits and sends FIN. */
  close (): void {
    this.destroy()
    this.sink.end()
  }

  /** Everything taken so far is the kernel's now. */
  get empty (): boolean { return !this.#waiting && this.sink.writableLength === 0 }

  get #waiting (): boolean { return this.#head < this.#queue.length }

  #enqueue (parcel: Parcel, own: readonly Stage[] = NO_STAGES): void {
    this.#idle = false
    this.#queued += parcel.chunk.length
    const kept = this.#ask(parcel, this.#stages) && this.#ask(parcel, own)
    if (!kept) this.#lose(parcel)
    // Whoever was asked may have ended the connection.
    if (!kept || this.#destroyed) return
    this.#queue.push(parcel)
    const limit = parcel.slow ? STUCK_LIMIT : DELAYED_LIMIT
    if (this.#queued > limit) this.#stop(limit)
    if (this.#queue.length - this.#head === 1) this.#release()
  }

  #reconsider (stays: (stage: Stage) => boolean, added: readonly Stage[]): void {
    const waiting = this.#queue.slice(this.#head)
    for (const parcel of waiting) parcel.keep(stays)
    if (added.length > 0) {
      // What a stage that has just come cuts is cut from here on.
      const cutBefore = this.#cut
      const left = waiting.filter((parcel) => {
        const kept = !this.#destroyed && (cutBefore || !this.#cut) && this.#ask(parcel, added)
        if (!kept) this.#lose(parcel)
        return kept
      })
      if (this.#destroyed) return
      this.#queue = left
      this.#head = 0
    }
    this.#idle = this.#stages.length === 0 && !this.#waiting && !this.#cut
    if (this.#waiting) this.#release()
    else this.#settle()
  }

  // False if the parcel is lost.
  #ask (parcel: Parcel, stages: readonly Stage[]): boolean {
    for (const stage of stages) {
      if (stage.retired) continue
      const { behaviour } = stage
      const elapsed = parcel.arrivedAt - stage.beganAt
      const action = (parcel.then === 'fin' ? behaviour.end?.(elapsed) : behaviour.chunk?.(parcel.chunk, elapsed)) ?? PASS
      switch (action.do) {
        case 'pass': break
        case 'delay':
        case 'pace':
        case 'hold':
        case 'split':
          parcel.wish(stage, action)
          break
        case 'replace':
          this.#exchange(parcel, Buffer.from(action.bytes.buffer, action.bytes.byteOffset, action.bytes.byteLength))
          break
        case 'cut':
          this.#exchange(parcel, parcel.chunk.subarray(0, action.bytes))
          parcel.then = action.how
          this.#cut = true
          // Whatever the stages behind would say, nothing comes after it.
          return true
        case 'close':
        case 'reset':
        case 'drop':
        case 'abandon':
          this.#owner.end(stage, action)
          return false
      }
    }
    return true
  }

  #exchange (parcel: Parcel, chunk: Buffer): void {
    const less = parcel.chunk.length - chunk.length
    this.lost += less
    this.#queued -= less
    parcel.chunk = chunk
  }

  #lose (parcel: Parcel): void {
    if (this.#destroyed) return
    this.lost += parcel.chunk.length
    this.#queued -= parcel.chunk.length
    this.#settle()
  }

  #release (): void {
    this.#cancel?.()
    this.#cancel = null
    this.#sendDue()
    this.#settle()
  }

  // Tells those who waited for bytes that are out, or lost, by now.
  #settle (): void {
    while (this.#flushed.length > 0 && this.#flushed[0]!.upTo <= this.bytes - this.#queued) this.#flushed.shift()!.fn(true)
  }

  // Sends what is due, then sets one timer for the first that is not.
  #sendDue (): void {
    for (let parcel = this.#queue[this.#head]; parcel !== undefined; parcel = this.#queue[this.#head]) {
      if (parcel.held || this.sink.writableNeedDrain) return
      const now = this.#clock.now()
      if (parcel.due > now) return this.#wait(parcel.due)
      const leaves = parcel.leavesAt(this.#ready)
      if (leaves > now) return this.#wait(leaves)
      if (!this.#send(parcel, now)) return
    }
    this.#idle = this.#stages.length === 0 && !this.#cut
    if (!this.sink.writableNeedDrain) this.#unblock()
  }

  // False if the stream is over.
  #send (parcel: Parcel, now: number): boolean {
    const { bytes, endsPiece } = parcel.take(parcel.next)
    if (bytes.length > 0) this.sink.write(bytes)
    this.#queued -= bytes.length
    if (endsPiece) this.#ready = now + parcel.gap
    if (parcel.chunk.length > 0) return true
    this.#advance()
    const late = now - parcel.due
    parcel.delays((counters, ms) => { recordDelay(counters, ms, ms + late) })
    if (parcel.then === null) {
      if (this.#queued <= this.#limit / 2 && !this.sink.writableNeedDrain) this.#unblock()
      return true
    }
    if (parcel.then === 'fin') this.sink.end()
    else this.#owner.cut(parcel.then)
    return false
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
    this.#owner.hold(true)
  }

  #unblock (): void {
    if (!this.#blocked) return
    this.#blocked = false
    this.#owner.hold(false)
  }
}
