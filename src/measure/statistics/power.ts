import { binomialAtMost } from './binomial.ts'
import { clopperPearson } from './clopper-pearson.ts'

/** More than any run has. */
const BEYOND_REACH = 2 ** 27

/** The fewest exchanges, all good, that show a share of good ones of at least `target`: 299 for 99 %. */
export function fewestForHeld (target: number, alpha: number): number {
  return Math.ceil(Math.log(alpha) / Math.log(target))
}

/** The fewest exchanges, all bad, that show a share of good ones below `target`. */
export function fewestForBreached (target: number, alpha: number): number {
  return Math.floor(Math.log(alpha) / Math.log(1 - target)) + 1
}

/**
 * How many exchanges it takes to conclude `held` with probability `power` when the true share of good ones is
 * `truth` > `target`; Infinity if that is not above the target. Power is saw-toothed: it is highest where one more bad
 * exchange has just become allowed, so only those sizes are looked at.
 */
export function sizeForHeld (target: number, truth: number, alpha: number, power = 0.8): number {
  if (truth <= target) return Infinity
  let n = 0
  for (let allowed = 0; ; allowed++) {
    n = smallest(Math.max(n, allowed + 1), (size) => binomialAtMost(allowed, size, 1 - target) <= alpha)
    if (binomialAtMost(allowed, n, 1 - truth) >= power) return n
  }
}

/**
 * How many exchanges with this share of good ones would have been conclusive, either way; Infinity if it is the target
 * itself or as good as. What an inconclusive verdict says was missing.
 */
export function sizeToConclude (good: number, target: number, alpha: number): number {
  const concludes = (n: number): boolean => {
    const { lower, upper } = clopperPearson(good * n, n, alpha)
    return good > target ? lower >= target : upper < target
  }
  return concludes(BEYOND_REACH) ? smallest(1, concludes) : Infinity
}

/** The smallest whole number from `from` for which `fits` is true; once true, it must stay true. */
function smallest (from: number, fits: (n: number) => boolean): number {
  let high = from
  while (!fits(high)) high *= 2
  let low = Math.max(from - 1, Math.floor(high / 2))
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) high = middle
    else low = middle
  }
  return high
}
