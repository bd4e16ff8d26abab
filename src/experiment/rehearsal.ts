import { PremortemError } from '../kernel/errors.ts'
import type { Conclusion } from './conclude.ts'
import type { Ending } from './control.ts'
import type { Experiment } from './document.ts'
import type { FaultDecisions } from './ports.ts'
import type { FaultResult, Rehearsed } from './result.ts'

/** How many routes of a fault are told. */
const ROUTES = 10

/** The same experiment with every fault in shadow mode, whatever its document says. Throws PMT_ERR_INVALID. */
export function rehearse (experiment: Experiment): Experiment {
  if (experiment.limit !== null) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'a search for a limit cannot be rehearsed', path: 'limit', found: 'limit, and a rehearsal', wanted: 'one of them: without faults there is no limit to find' })
  }
  const faults = experiment.faults.map((fault) => ({ ...fault, mode: 'shadow' as const, spec: { ...fault.spec, mode: 'shadow' as const } }))
  return { ...experiment, faults, rehearsal: true }
}

/** What a rehearsal comes to: unless it ended early, whatever the figures say is the system's own doing. */
export function concludeRehearsal (conclusion: Conclusion, endings: readonly Ending[]): Conclusion {
  if (endings.length > 0) return conclusion
  const nobody = conclusion.outcome === 'held' ? 'nothing was injected' : 'nothing was injected: what the figures show happened by itself'
  return { ...conclusion, outcome: 'rehearsed', reasons: [nobody, ...conclusion.reasons] }
}

/** Whom each fault would have hit; `decided` has what its proxy keeps of its decisions, null where that could not be read. */
export function rehearsedOf (faults: readonly FaultResult[], decided: readonly (FaultDecisions | null)[]): Rehearsed[] {
  return faults.flatMap(({ fault, id, counters }, i) => {
    if (id === null || counters === null) return []
    const { complete, decisions } = decided[i] ?? { complete: false, decisions: [] }
    const hits = decisions.filter(({ hit }) => hit)
    return [{
      fault: id,
      on: fault.on!,
      eligible: counters.eligible,
      hit: counters.injected,
      decisions: decisions.length,
      complete: complete && decisions.length > 0,
      connections: new Set(hits.map(({ connection }) => connection)).size,
      routes: routesOf(decisions)
    }]
  })
}

function routesOf (decisions: FaultDecisions['decisions']): Rehearsed['routes'] {
  const routes = new Map<string, { route: string, n: number, hit: number }>()
  for (const { method, path, hit } of decisions) {
    if (path === '') continue
    const route = `${method} ${generalized(path)}`
    const found = routes.get(route) ?? { route, n: 0, hit: 0 }
    found.n++
    if (hit) found.hit++
    routes.set(route, found)
  }
  return [...routes.values()].sort((a, b) => b.hit - a.hit || b.n - a.n).slice(0, ROUTES)
}

/** A segment of a path that is an id: a number, a UUID, or a long word with digits in it. */
const ID = /^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=[^/]*\d)[\w-]{16,})$/i

/** A path without its query and its ids. */
const generalized = (path: string): string =>
  path.split('?', 1)[0]!.split('/').map((segment) => ID.test(segment) ? '*' : segment).join('/')
