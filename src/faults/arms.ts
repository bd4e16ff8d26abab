import { hash } from '../kernel/random.ts'
import { compileBy } from './by.ts'

/** How the arm of a fault is told: by the key of its sticky share, or, without one, by what its dice said. Plain data. */
export interface ArmRule {
  /** The fault's id on its proxy. */
  fault: string
  by: string | null
  seed: number
  share: number
}

/** What an arm is told by. */
interface Traits { header? (name: string): string | undefined, drawn? (fault: string): boolean | undefined }

/**
 * Tells the arm that faults have put something in: `fault` if the share of any of them has it, `control` if all of them spare
 * it, null if that cannot be said of one. A key is looked up where the request is seen, which need not be where the fault is.
 * Null without rules.
 */
export function compileArms (rules: readonly ArmRule[] = []): ((traits: Traits) => 'fault' | 'control' | null) | null {
  if (rules.length === 0) return null
  const draws = rules.map(compileRule)
  return (traits) => {
    let spared = true
    for (const draw of draws) {
      const drawn = draw(traits)
      if (drawn === true) return 'fault'
      if (drawn === undefined) spared = false
    }
    return spared ? 'control' : null
  }
}

function compileRule ({ fault, by, seed, share }: ArmRule): (traits: Traits) => boolean | undefined {
  if (by === null) return (traits) => traits.drawn?.(fault)
  const keyOf = compileBy(by)
  return (traits) => {
    const key = keyOf({ client: '', header: (name) => traits.header?.(name) })
    return key === undefined || key === '' ? undefined : stickyDraw(seed, key) < share
  }
}

/** The number in [0, 1) that a key always has under a seed: it is in the share if that is larger. */
export function stickyDraw (seed: number, key: string): number {
  return hash(seed, key) / 0x100000000
}
