/**
 * Which of several claims stand when the chance of even one false claim is to stay at `alpha` (Holm 1979). The
 * answers are in the order of the p-values.
 */
export function holm (pValues: readonly number[], alpha: number): boolean[] {
  const stands = pValues.map(() => false)
  const order = pValues.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p)
  for (const [rank, { p, i }] of order.entries()) {
    if (p > alpha / (pValues.length - rank)) break
    stands[i] = true
  }
  return stands
}
