import type { Clock } from '../kernel/clock.ts'
import type { Pattern } from '../kernel/pattern.ts'
import type { ActiveFault, Decision, Verdict } from '../faults/plan.ts'
import type { DecisionRecord, Decisions, Met } from './decisions.ts'

/** What was decided about one request or connection, as it is shown: plain data. */
export interface DecisionView {
  id: number
  /** ISO 8601. */
  time: string
  connection: number
  /** Ordinal on its connection, from 1; 0 for the connection itself, which has no method and path. */
  exchange: number
  method: string
  path: string
  /** Of the plan that was asked. */
  revision: number
  /** In the order the faults were asked. */
  faults: { fault: string, n: number, hit: boolean, verdict: Verdict, why: string }[]
}

/** Decisions, the newest first. `complete` is false once the proxy has forgotten older ones. */
export interface DecisionList { complete: boolean, decisions: DecisionView[] }

/** What a fault hit, to be given back as its `seed` and `replay`. `complete` is false if some decisions are forgotten. */
export interface ReplayView { fault: string, seed: number, replay: number[], complete: boolean }

/** Which decisions to show. With `fault`, only what that fault decided; with `hit`, only where one hit, or where none did. */
export interface DecisionFilter {
  fault?: string | undefined
  hit?: boolean | undefined
  path?: Pattern | undefined
  connection?: number | undefined
  id?: number | undefined
  limit: number
}

// Shadow's are those that would have been hit; what then proved unfit was hit all the same.
const HIT: readonly Verdict[] = ['hit', 'shadow', 'unfit']

const isHit = ({ decision }: Met): boolean => HIT.includes(decision.verdict)

/** Those that pass the filter, the newest first, `limit` at most. */
export function listDecisions (decisions: Decisions, filter: DecisionFilter, clock: Clock): DecisionList {
  const shown: DecisionView[] = []
  for (const record of decisions.list().toReversed()) {
    if (shown.length === filter.limit) break
    const met = filter.fault === undefined ? record.met : record.met.filter(({ fault }) => fault === filter.fault)
    if (met.length > 0 && passes(record, met, filter)) shown.push(viewOf(record, met, clock))
  }
  return { complete: decisions.complete, decisions: shown }
}

function passes (record: DecisionRecord, met: readonly Met[], { hit, path, connection, id }: DecisionFilter): boolean {
  if (hit !== undefined && met.some(isHit) !== hit) return false
  if (path !== undefined && (record.exchange === 0 || !path.test(record.path))) return false
  return (connection === undefined || record.connection === connection) && (id === undefined || record.id === id)
}

function viewOf (record: DecisionRecord, met: readonly Met[], clock: Clock): DecisionView {
  const { at, met: _, ...shown } = record
  return {
    ...shown,
    time: new Date(clock.wall() - (clock.now() - at)).toISOString(),
    faults: met.map((one) => ({
      fault: one.fault, n: one.decision.n, hit: isHit(one), verdict: one.decision.verdict, why: explain(one.decision)
    }))
  }
}

/** The ordinals that a fault hit, as far as they are kept. */
export function replayOf (decisions: Decisions, { id, seed, counters }: ActiveFault): ReplayView {
  const decided = new Map<number, boolean>()
  for (const record of decisions.list()) {
    for (const met of record.met) {
      const { n } = met.decision
      // Ordinals beyond those given out belong to an earlier fault of that id.
      if (met.fault === id && n > 0 && n <= counters.eligible) decided.set(n, isHit(met))
    }
  }
  const replay = [...decided].filter(([, hit]) => hit).map(([n]) => n).sort((a, b) => a - b)
  return { fault: id, seed, replay, complete: decided.size === counters.eligible }
}

/** A decision in one sentence. */
export function explain ({ n, verdict, detail }: Decision): string {
  switch (verdict) {
    case 'hit': return 'hit'
    case 'shadow': return 'would have been hit (mode: shadow)'
    case 'unmatched': return `does not fit match.${detail}`
    case 'by': return `spared: it has nothing to go ${detail}`
    case 'share':
    case 'concurrent':
    case 'total': return `spared by ${detail}`
    case 'unfit': return `hit, but nothing could be done to it: ${detail}`
    case 'pending': return 'fits so far; waits for the response'
    case 'never': return 'spared: its path is protected by `never`'
    case 'untagged': return 'spared: it lacks the header that `tagged` asks for'
    case 'node': return 'spared: its connection is to another node'
    case 'existing': return 'spared by existing: its connection was open before the fault began'
    default: return `spared by ${detail}: this was number ${n}`
  }
}
