import type { Random } from '../kernel/random.ts'

/** Changes a chunk: a copy with some bits flipped, or null if it stays as it is. */
export type Corrupter = (chunk: Uint8Array) => Uint8Array | null

/**
 * Flips one bit in, on average, one byte of `oneIn`. The gaps between those bytes are geometric, drawn by inversion
 * (Devroye, Non-Uniform Random Variate Generation, 1986, X.2), and run on from chunk to chunk.
 */
export function createCorrupter (oneIn: number, random: Random): Corrupter {
  const gap = (): number => oneIn <= 1 ? 0 : Math.floor(Math.log1p(-random.next()) / Math.log1p(-1 / oneIn))
  let next = gap()
  return (chunk) => {
    if (next >= chunk.length) {
      next -= chunk.length
      return null
    }
    const copy = Uint8Array.from(chunk)
    for (; next < copy.length; next += 1 + gap()) copy[next]! ^= 1 << random.integer(0, 7)
    next -= copy.length
    return copy
  }
}
