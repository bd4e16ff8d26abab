import { dependentSizes, total } from './effective-size.ts'
import type { Count } from './effective-size.ts'
import type { Difference } from './mover.ts'
import { newcombe } from './newcombe.ts'
import type { Proportion } from './newcombe.ts'
import { Z90 } from './wilson.ts'

/** Worse by more than a margin, not worse by as much as that, or neither can be said. */
export type DeviationVerdict = 'deviated' | 'no-relevant-change' | 'inconclusive'

/** How the share of bad ones differs from that of a control: the difference with its bounds, each at 95 %. */
export interface Deviation extends Difference {
  verdict: DeviationVerdict
  /** Whether it differs at all, for better or worse, which is not to say that it matters. */
  changed: boolean
}

/** The chance of a wrong verdict that is accepted, on each side. */
const ALPHA = 0.05

/**
 * Whether a share of bad ones is above a control's by more than `margin` (Newcombe's interval at 90 %, so each side at
 * 95 %). The sizes are effective ones. Without data on either side: inconclusive.
 */
export function deviationOf (share: Proportion, control: Proportion, margin: number): Deviation {
  if (share.n <= 0 || control.n <= 0) return { difference: 0, lower: -1, upper: 1, verdict: 'inconclusive', changed: false }
  const found = newcombe(share, control, Z90)
  const { lower, upper } = found
  return {
    ...found,
    verdict: lower > margin ? 'deviated' : upper < margin ? 'no-relevant-change' : 'inconclusive',
    changed: lower > 0 || upper < 0
  }
}

/** The same of two phases or arms, from their counts second by second: bursts of bad ones are taken for what they are. */
export function deviationOfBlocks (blocks: readonly Count[], control: readonly Count[], margin: number): Deviation {
  const [size, controlSize] = dependentSizes(blocks, control, ALPHA)
  return deviationOf({ p: badShareOf(blocks), n: size }, { p: badShareOf(control), n: controlSize }, margin)
}

function badShareOf (blocks: readonly Count[]): number {
  const { n, bad } = total(blocks)
  return n === 0 ? 0 : bad / n
}
