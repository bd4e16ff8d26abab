import { build } from 'hdr-histogram-js'
import type { Histogram as Hdr } from 'hdr-histogram-js'

/** Percentiles for people, in milliseconds. Verdicts never come from these. */
export interface Percentiles { p50: number, p90: number, p95: number, p99: number, max: number }

const HIGHEST = 3_600_000_000

/** Latencies in an HDR histogram: microseconds up to an hour, two significant digits (within 1 %), constant size. */
export class Histogram {
  readonly #hdr: Hdr = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST,
    numberOfSignificantValueDigits: 2,
    useWebAssembly: false
  })

  get count (): number { return this.#hdr.totalCount }

  /** Adds a latency in milliseconds. */
  record (ms: number): void {
    const us = Math.round(ms * 1000)
    this.#hdr.recordValue(us < 1 ? 1 : us > HIGHEST ? HIGHEST : us)
  }

  add (other: Histogram): void {
    this.#hdr.add(other.#hdr)
  }

  reset (): void {
    this.#hdr.reset()
  }

  /** All zero when nothing was recorded. */
  percentiles (): Percentiles {
    const max = this.count === 0 ? 0 : this.#hdr.maxValue / 1000
    // A bucket is reported by its upper end, which may lie above the largest value in it.
    const at = (p: number): number => this.count === 0 ? 0 : Math.min(max, this.#hdr.getValueAtPercentile(p) / 1000)
    return { p50: at(50), p90: at(90), p95: at(95), p99: at(99), max }
  }
}
