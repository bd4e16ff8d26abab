import { formatCount, formatDuration } from '../kernel/units.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import type { Percentiles } from '../measure/histogram.ts'
import type { FaultView } from '../proxy/view.ts'
import { columns, percent } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'
import { faultWords, othersWords } from '../report/words.ts'

/** Active faults as a table for people; with the spread of their delays, if one has delayed anything. */
export function faultTable (faults: readonly FaultView[], look: Look): string {
  if (faults.length === 0) return 'no fault is active'
  const delays = faults.some((fault) => fault.delays !== null)
  return columns([
    ['proxy', 'id', 'fault', 'node', 'share', 'until', ...delays ? ['delay p50/p99', 'requested'] : [], 'hit'],
    ...faults.map((fault) => [
      fault.on, fault.id, whatWords(fault.spec), fault.spec.node ?? 'all', String(fault.spec.share ?? '100%'), fault.expiresAt ?? 'removed',
      ...delays ? [spread(fault.delays?.achieved), spread(fault.delays?.requested)] : [],
      hitWords(fault.counters)
    ])
  ], look).join('\n')
}

const spread = (delays: Percentiles | undefined): string =>
  delays === undefined ? '-' : `${formatDuration(delays.p50)} / ${formatDuration(delays.p99)}`

function hitWords (counters: FaultView['counters']): string {
  const { eligible, injected, share } = counters
  const others = othersWords(counters)
  const of = `${formatCount(injected)} of ${formatCount(eligible)}`
  const achieved = share === null ? '' : percent(share.achieved)
  if (others === '') return achieved === '' ? of : `${of} (${achieved})`
  return `${of}; ${others}${achieved === '' ? '' : `; share ${achieved}`}`
}

function whatWords (spec: FaultSpec): string {
  const nested = (key: 'match' | 'select' | 'max'): string[] => Object.entries(spec[key] ?? {})
    .map(([inner, value]) => `${key}.${inner}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const by = spec.by === undefined ? [] : [`by=${spec.by}`]
  const replay = spec.replay === undefined ? [] : [`replay of ${spec.replay.length}`]
  return [faultWords(spec), ...nested('match'), ...nested('select'), ...by, ...replay, ...nested('max'), ...spec.mode === 'shadow' ? ['(shadow)'] : []].join(' ')
}
