import { reasonsOf } from '../experiment/blind.ts'
import type { RunResult } from '../experiment/result.ts'
import { formatCount, formatDuration } from '../kernel/units.ts'
import { plain, wrap } from './layout.ts'
import type { Look } from './renderer.ts'

/** What starts while faults come or go belongs to no phase that people know. */
const SHOWN = ['warmup', 'baseline', 'control', 'fault', 'recovery']

/** What each source of samples was asked, and what it said in each phase. */
export function sourceLines ({ sources, phases }: Pick<RunResult, 'sources' | 'phases'>, look: Look): string[] {
  return sources.flatMap(({ name, what, every }) => {
    const said = phases.flatMap(({ name: phase, samples }) => {
      const reading = samples?.[name]
      if (reading === undefined || !SHOWN.includes(phase) || reading.answers + reading.missing === 0) return []
      const { n, bad, missing, latency, why } = reading
      const parts = [
        `${formatCount(n - bad)} of ${formatCount(n)} good`,
        ...missing === 0 ? [] : [`${formatCount(missing)} missing`],
        ...latency === null ? [] : [`p50 ${formatDuration(latency.p50)}, p95 ${formatDuration(latency.p95)}`]
      ]
      return [`${phase}: ${parts.join('; ')}${reasonsOf(why)}`]
    })
    return [
      ...wrap(plain(`${name}: ${what}, every ${formatDuration(every)}`), look.width - 2, '  ').map((line) => `  ${line}`),
      ...said.flatMap((line) => wrap(plain(line), look.width - 4, '  ')).map((line) => `    ${line}`)
    ]
  })
}
