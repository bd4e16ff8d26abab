import type { ArmRule } from '../faults/arms.ts'
import type { Fault } from '../faults/envelope.ts'
import { PremortemError } from '../kernel/errors.ts'
import { formatDuration } from '../kernel/units.ts'
import type { Objective } from '../measure/objective.ts'
import type { LoadSpec } from './ports.ts'

/**
 * What the fault phase is compared with. `concurrent`: the traffic that the share spares, at the same time. `switchback`:
 * stretches without the faults between stretches with them, in random order. `before-after`: the baseline.
 */
export type Design = 'concurrent' | 'switchback' | 'before-after'

/** What of an experiment says whether its arms can be told apart where it measures. */
export interface Measured { at: string, source: 'proxy' | 'load', load: Pick<LoadSpec, 'headers' | 'users'> | undefined, objectives?: readonly Objective[] }

/** Why nobody can tell, where the experiment measures, what a fault's share has and what it spares; null if it can be told. */
export function whyNotApart (
  { share, by, on, node, replay, type }: Fault, { at, source, load, objectives = [] }: Measured
): string | null {
  if (share >= 1 || share === 0) return `its share is ${share === 0 ? 'nothing' : 'everything'}, so there is no other arm`
  const sampled = objectives.find((objective) => objective.source !== undefined)
  if (sampled !== undefined) return `samples of ${sampled.source} have no arms`
  if (replay !== undefined) return 'a replay is not a draw'
  const [kind, name = ''] = (by ?? '').split(/:(.*)/s)
  if (kind === 'header' || kind === 'cookie' || kind === 'trace') {
    if (source === 'proxy' || sends(load!, kind, name)) return null
    return kind === 'trace' ? 'the load sends no traces' : `the load sends no ${kind} ${name} that tells its users apart`
  }
  if (on === at && source === 'proxy' && node === undefined) return null
  const where = source === 'load' ? 'the load generator' : at
  return `${where} cannot see which ${type.layer === 'http' ? 'requests' : 'connections'} at ${on} it hits`
}

const sends = ({ headers, users }: NonNullable<Measured['load']>, kind: string, name: string): boolean =>
  users !== undefined && Object.entries(headers).some(([header, value]) => value.includes('{user}') && (
    kind === 'header' ? header.toLowerCase() === name.toLowerCase() : header.toLowerCase() === 'cookie' && value.includes(`${name}=`)))

/** Keys that are the same wherever a request is seen. */
const KEYED = /^(trace$|header:|cookie:)/

/** The best that an experiment's faults allow when nobody has said: arms if every fault has two, else the baseline. */
export function designOf (faults: readonly Fault[], measured: Measured): Design {
  return faults.every((fault) => whyNotApart(fault, measured) === null) ? 'concurrent' : 'before-after'
}

/** How the arms of a run's faults are told. `identify` gives a fault's id and seed in this run. */
export function armRules (faults: readonly Fault[], identify: (i: number) => { id: string, seed: number }): ArmRule[] {
  return faults.map((fault, i) => {
    const { id, seed } = identify(i)
    const keyed = fault.by !== undefined && KEYED.test(fault.by)
    return { fault: id, by: keyed ? fault.by! : null, seed, share: fault.share }
  })
}

/** The shortest stretch of a switchback that is counted, in milliseconds. */
const SHORTEST = 1000

/** The length of one stretch of a switchback, in milliseconds. */
export const stretchOf = (fault: number, pairs: number): number => fault / (2 * pairs)

/** How much of such a stretch is counted, with `settle` off both ends; in milliseconds. */
export const countedOf = (fault: number, pairs: number, settle: number): number => stretchOf(fault, pairs) - 2 * settle

/** What the document asks of a comparison, in milliseconds; `switchback` is its block as written. */
export interface Asked { phases: { fault: number }, switchback: object | undefined, pairs: number, settle: number }

/** Throws PMT_ERR_INVALID if this comparison cannot be made with these faults and phases. */
export function checkDesign (
  design: Design, faults: readonly Fault[], measured: Measured, { phases, switchback, pairs, settle }: Asked
): void {
  if (design === 'concurrent') {
    for (const [i, fault] of faults.entries()) {
      const why = whyNotApart(fault, measured)
      if (why === null) continue
      throw new PremortemError('PMT_ERR_INVALID', {
        message: `no control arm: ${why}`,
        path: `faults.${i}.share`,
        found: fault.spec.share ?? '100%',
        wanted: 'a share such as 30% with `by: header:NAME`, `cookie:NAME` or `trace`, which every service that a request comes to can see',
        hint: 'compare: switchback does without a share; before-after compares with the baseline'
      })
    }
  }
  if (switchback !== undefined && design !== 'switchback') {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'these settings are of another comparison', path: 'switchback', found: `compare: ${design}`, wanted: 'compare: switchback beside them' })
  }
  if (design === 'switchback' && countedOf(phases.fault, pairs, settle) < SHORTEST) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: `${pairs} pairs of stretches do not fit into the fault phase`,
      path: 'phases.fault',
      found: formatDuration(phases.fault),
      wanted: `at least ${formatDuration(2 * pairs * (2 * settle + SHORTEST))}, so that a second of each stretch can be counted`
    })
  }
}
