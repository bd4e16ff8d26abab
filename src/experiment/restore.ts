import { formatCount } from '../kernel/units.ts'
import type { FaultResidue } from './ports.ts'
import type { ObjectiveResult, Restored } from './result.ts'

/** How long what a fault hit may take to end after it is gone, and how often that is asked, in milliseconds. */
export const SETTLE = { limit: 2000, every: 250 } as const

/**
 * What became of the faults, as the data plane has it: `null` stands for one that it could not be asked about. Null if
 * there was none.
 */
export function restoredOf (residues: readonly (FaultResidue | null)[], objectives: readonly ObjectiveResult[]): Restored | null {
  if (residues.length === 0) return null
  const known = residues.filter((residue) => residue !== null)
  const asked = known.length === residues.length
  const active = known.some((residue) => residue.active)
  const held = known.reduce((sum, residue) => sum + residue.held, 0)
  const times = objectives.map(({ timeToRecover }) => timeToRecover.kind)
  return {
    faultsGone: active ? false : asked ? true : null,
    heldByFaults: asked || held > 0 ? held : null,
    recovered: times.includes('not-seen') ? false : times.includes('unknown') ? null : true
  }
}

/** Of a run that injected nothing. */
export const NOTHING_LEFT: Restored = { faultsGone: true, heldByFaults: 0, recovered: true }

/** Why it is not confirmed that everything is as it was before; null if it is. Recovery has its own reasons. */
export function whyNotRestored ({ faultsGone, heldByFaults }: Pick<Restored, 'faultsGone' | 'heldByFaults'>): string | null {
  if (faultsGone === false) return 'the data plane still has a fault of this run, though it confirmed the removal'
  if (faultsGone === null) return 'the data plane could not be asked, after the recovery, whether the faults are gone'
  if (heldByFaults !== null && heldByFaults > 0) {
    return `${formatCount(heldByFaults)} requests or connections that the faults hit had not ended ${SETTLE.limit / 1000} s after the recovery`
  }
  return null
}

/** What a report says of it, in words. */
export function restoreWords ({ faultsGone, heldByFaults, recovered }: Restored): string[] {
  if (faultsGone === true && heldByFaults === 0 && recovered === true) {
    return ['confirmed after the recovery: no fault is active, nothing that they hit is open, and the objectives hold']
  }
  return [
    faultsGone === true ? 'no fault of this run is active, asked of the data plane after the recovery' : faultsGone === false ? 'A FAULT IS STILL ACTIVE' : 'NOT KNOWN whether the faults are gone',
    heldByFaults === 0 ? 'nothing that they hit is still open' : heldByFaults === null ? 'not known what is still open' : `${formatCount(heldByFaults)} that they hit STILL OPEN`,
    recovered === true ? 'the objectives hold again, or never ceased to' : recovered === false ? 'the objectives were NOT SEEN to hold again' : 'not known whether the objectives hold again: not enough was seen afterwards'
  ]
}
