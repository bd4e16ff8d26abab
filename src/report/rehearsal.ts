import type { Rehearsed } from '../experiment/result.ts'
import { formatCount } from '../kernel/units.ts'
import { columns, percent, plain, wrap } from './layout.ts'
import type { Look } from './renderer.ts'

const INDENT = '  '

/** Whom a fault of a rehearsal would have hit: in a sentence, then by route. */
export function rehearsalLines (rehearsed: Rehearsed, look: Look): string[] {
  const { fault, on, eligible, hit, decisions, complete, connections, routes } = rehearsed
  const share = eligible === 0 ? '' : ` (${percent(hit / eligible)})`
  const of = complete ? '' : `, of the last ${formatCount(decisions)} decisions`
  const drawn = decisions === 0 ? '' : `; on ${formatCount(connections)} connections${of}`
  const rows = routes.map(({ route, n, hit }) => [plain(route), formatCount(n), formatCount(hit)])
  const sentence = `${fault} on ${on}: ${formatCount(hit)} of ${formatCount(eligible)} eligible${share}${drawn}`
  return [
    ...wrap(plain(sentence), look.width - 2, INDENT).map((line) => INDENT + line),
    ...rows.length === 0 ? [] : columns([['route', 'seen', 'would be hit'], ...rows], look, { right: [1, 2], indent: INDENT })
  ]
}
