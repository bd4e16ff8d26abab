import { typeOf } from '../faults/catalogue.ts'
import { ENVELOPE_KEYS } from '../faults/envelope.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import type { FaultCounters } from '../faults/plan.ts'
import type { RunOutcome, TimeToRecover } from '../experiment/result.ts'
import { formatCount, formatDuration } from '../kernel/units.ts'

/** What an outcome is called in one word or two, what it means in one sentence, and whether that is good news. */
export const OUTCOMES: Readonly<Record<RunOutcome, { word: string, sentence: string, tone: 'good' | 'bad' | 'unsure' }>> = {
  held: { word: 'HELD', sentence: 'The service kept its objectives while it was being broken.', tone: 'good' },
  rehearsed: { word: 'REHEARSED', sentence: 'Nothing was broken: this says whom the faults would have hit.', tone: 'good' },
  breached: { word: 'BREACHED', sentence: 'The service did not keep its objectives while it was being broken.', tone: 'bad' },
  inconclusive: { word: 'INCONCLUSIVE', sentence: 'The figures can neither show that the objectives held nor that they were breached.', tone: 'unsure' },
  aborted: { word: 'ABORTED', sentence: 'The run was ended early to protect the service.', tone: 'bad' },
  'baseline-not-steady': { word: 'NOT STEADY', sentence: 'Nothing was broken: the service was not in its steady state to begin with.', tone: 'unsure' },
  'fault-did-not-land': { word: 'DID NOT LAND', sentence: 'A fault hit nothing, so the figures say nothing about it.', tone: 'unsure' },
  'not-recovered': { word: 'NOT RECOVERED', sentence: 'It is not confirmed that the faults are gone and the service is back.', tone: 'bad' },
  failed: { word: 'FAILED', sentence: 'premortem itself failed; this says nothing about the service.', tone: 'bad' },
  interrupted: { word: 'INTERRUPTED', sentence: 'The run was stopped before its end.', tone: 'unsure' }
}

/** A fault in a few words: its type and parameters, as in `delay 500ms jitter=50ms`. */
export function faultWords (spec: FaultSpec): string {
  const params = Object.entries(spec).filter(([key]) => !ENVELOPE_KEYS.includes(key) || key === spec.type)
    .map(([key, value]) => {
      const text = isLong(value) ? `(${value.length} values)` : typeof value === 'object' ? JSON.stringify(value) : String(value)
      return key === spec.type ? text : `${key}=${text}`
    })
  return [spec.type, ...params].join(' ')
}

// A list from a file may have thousands of values.
const isLong = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 8

/** What a fault hits, in the plural. */
export function hitWords ({ type }: FaultSpec): string {
  const layer = typeOf(type)?.layer
  return layer === 'http' ? 'requests' : layer === 'tls' ? 'handshakes' : 'connections'
}

/** Where a fault is, as in `payments, node payments-2`. */
export function placeWords (spec: FaultSpec): string {
  return spec.node === undefined ? String(spec.on) : `${spec.on}, node ${spec.node}`
}

/** Why a fault did not hit all that fitted, when `share` was not the only reason; empty otherwise. */
export function othersWords ({ skipped, passed, capped, unfit }: FaultCounters): string {
  if (passed + capped + unfit === 0) return ''
  const parts = [[skipped, 'spared by share'], [passed, 'passed over'], [capped, 'spared by max'], [unfit, 'unfit']] as const
  return parts.filter(([n]) => n > 0).map(([n, what]) => `${formatCount(n)} ${what}`).join(', ')
}

/**
 * A time to recover, which is known to the second; `> 6s` means not within the 6 s that were watched, `-6s` 6 s before the faults
 * were gone.
 */
export function recoverWords (time: TimeToRecover): string {
  if (time.kind === 'recovered') return time.ms === 0 ? 'at once' : `${time.ms < 0 ? '-' : ''}${formatDuration(Math.abs(time.ms))}`
  return time.kind === 'not-seen' ? `> ${formatDuration(time.ms)}` : time.kind
}
