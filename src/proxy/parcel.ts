import type { StreamAction } from '../faults/fault.ts'
import type { FaultCounters } from '../faults/plan.ts'
import type { Stage } from './stage.ts'

/** A paced chunk is delivered in pieces of this part of a second. */
const PIECES_PER_SECOND = 50

/** What a stage wants of a parcel's timing; taken back when the stage goes. */
interface Wish { stage: Stage, action: Extract<StreamAction, { do: 'delay' | 'pace' | 'hold' | 'split' }> }

/** Bytes, or the FIN behind them, on their way through a pipe: what they are, and when they may leave. */
export class Parcel {
  chunk: Buffer
  readonly arrivedAt: number
  /** What happens once it is out; null for bytes that others follow. */
  then: 'fin' | 'close' | 'reset' | null
  #due: number
  #held = false
  #wishes: readonly Wish[] = NO_WISHES
  #sizes: readonly number[] | null = null
  #piece = 0
  #pieceLeft = 0
  #gap = 0
  /** When the next paced piece may be out; null if no moment is reserved. */
  #outAt: number | null = null

  constructor (chunk: Buffer, arrivedAt: number, then: Parcel['then'] = null) {
    this.chunk = chunk
    this.arrivedAt = arrivedAt
    this.then = then
    this.#due = arrivedAt
  }

  /** Kept back until a stage goes. */
  get held (): boolean { return this.#held }

  /** Monotonic milliseconds, pieces aside. */
  get due (): number { return this.#due }

  /** Some stage does more than shift it in time. */
  get slow (): boolean { return this.#held || this.#wishes.some(({ action }) => action.do !== 'delay') }

  /** How long after one of its pieces the next may leave, whichever parcel that belongs to; milliseconds. */
  get gap (): number { return this.#gap }

  wish (stage: Stage, action: Wish['action']): void {
    this.#wishes = [...this.#wishes, { stage, action }]
    this.#reckon()
  }

  /** Keeps the wishes of these stages only. */
  keep (stays: (stage: Stage) => boolean): void {
    if (this.#wishes.every(({ stage }) => stays(stage))) return
    this.#wishes = this.#wishes.filter(({ stage }) => stays(stage))
    this.#outAt = null
    this.#reckon()
  }

  /** How many bytes may leave together. */
  get next (): number {
    let size = this.chunk.length
    if (this.#sizes !== null) size = Math.min(size, this.#pieceLeft)
    for (const { action } of this.#wishes) if (action.do === 'pace') size = Math.min(size, Math.ceil(action.rate / PIECES_PER_SECOND))
    return size
  }

  /** When they may leave, if nothing of the pipe may leave before `ready`. */
  leavesAt (ready: number): number {
    const from = Math.max(this.#due, this.#gap > 0 ? ready : 0)
    if (this.#outAt !== null) return this.#outAt
    let out = from
    for (const { stage, action } of this.#wishes) {
      if (action.do !== 'pace') continue
      out = Math.max(out, stage.pacer(action.shared).reserve(this.next, action.rate, from))
      this.#outAt = out
    }
    return out
  }

  /** The next bytes, which leave now; true if they end a piece, after which the gap begins. */
  take (length: number): { bytes: Buffer, endsPiece: boolean } {
    const bytes = length === this.chunk.length ? this.chunk : this.chunk.subarray(0, length)
    this.chunk = this.chunk.subarray(length)
    this.#outAt = null
    if (this.#sizes === null) return { bytes, endsPiece: false }
    this.#pieceLeft -= length
    const endsPiece = this.#pieceLeft <= 0
    if (endsPiece) this.#pieceLeft = this.#sizes[++this.#piece] ?? Infinity
    return { bytes, endsPiece }
  }

  /** Each delay that was asked for. */
  delays (count: (counters: FaultCounters, ms: number) => void): void {
    for (const { stage, action } of this.#wishes) if (action.do === 'delay') count(stage.counters, action.ms)
  }

  #reckon (): void {
    this.#due = this.arrivedAt
    this.#held = false
    this.#gap = 0
    let sizes: readonly number[] | null = null
    for (const { action } of this.#wishes) {
      switch (action.do) {
        case 'delay': this.#due += action.ms; break
        case 'hold': this.#held = true; break
        case 'split':
          sizes = action.sizes
          this.#gap = Math.max(this.#gap, action.gap)
      }
    }
    if (sizes === this.#sizes) return
    this.#sizes = sizes
    this.#piece = 0
    this.#pieceLeft = sizes?.[0] ?? Infinity
  }
}

const NO_WISHES: readonly Wish[] = Object.freeze([])
