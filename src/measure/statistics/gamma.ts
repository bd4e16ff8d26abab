// Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients): about 15 digits for positive arguments.
const G = 7
const TERMS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
]

/** The natural logarithm of the gamma function, for x > 0. */
export function lnGamma (x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x)
  let sum = TERMS[0]!
  for (let i = 1; i < TERMS.length; i++) sum += TERMS[i]! / (x - 1 + i)
  const t = x - 1 + G + 0.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** The natural logarithm of the beta function, for a, b > 0. */
export function lnBeta (a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b)
}
