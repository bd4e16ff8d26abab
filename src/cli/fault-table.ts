import { formatCount } from '../kernel/units.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import type { FaultView } from '../proxy/view.ts'
import { columns, percent } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'
import { faultWords } from '../report/words.ts'

/** Active faults as a table for people. */
export function faultTable (faults: readonly FaultView[], look: Look): string {
  if (faults.length === 0) return 'no fault is active'
  return columns([
    ['proxy', 'id', 'fault', 'node', 'share', 'until', 'hit'],
    ...faults.map(({ on, id, spec, expiresAt, counters }) => [
      on, id, whatWords(spec), spec.node ?? 'all', String(spec.share ?? '100%'), expiresAt ?? 'removed',
      `${formatCount(counters.injected)} of ${formatCount(counters.eligible)}${counters.share === null ? '' : ` (${percent(counters.share.achieved)})`}`
    ])
  ], look).join('\n')
}

function whatWords (spec: FaultSpec): string {
  const match = Object.entries(spec.match ?? {}).map(([key, value]) => `match.${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [faultWords(spec), ...match, ...(spec.mode === 'shadow' ? ['(shadow)'] : [])].join(' ')
}
