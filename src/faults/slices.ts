import type { Random } from '../kernel/random.ts'

/** Into how many pieces a chunk is cut at most: a list of more would cost more memory than the chunk. */
export const MOST_SLICES = 4096

/** A size above all chunks, and below where whole numbers become coarse. */
const LARGEST = 2 ** 31

/**
 * Sizes in whole bytes, adding up to `length`: each `size`, more or less `variation`, and at least 1. Where that would
 * make more than MOST_SLICES pieces, they are as much larger as it takes.
 */
export function slice (length: number, size: number, variation = 0, random?: Random): number[] {
  const middle = Math.min(LARGEST, Math.max(1, Math.round(size), Math.ceil(length / MOST_SLICES)))
  const width = Math.min(Math.round(variation), middle - 1)
  const sizes: number[] = []
  for (let left = length; left > 0; left -= sizes.at(-1)!) {
    const wanted = width === 0 || random === undefined ? middle : random.integer(middle - width, middle + width)
    sizes.push(sizes.length === MOST_SLICES - 1 ? left : Math.min(left, wanted))
  }
  return sizes
}
