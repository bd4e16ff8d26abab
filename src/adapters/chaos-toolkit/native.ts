import { Type } from 'typebox'
import type { AppliedFault, DataPlane, FaultFigures, OpenWatch } from '../../experiment/ports.ts'
import { judgePhase } from '../../experiment/verdict.ts'
import type { FaultSpec } from '../../faults/envelope.ts'
import { decodeFault } from '../../faults/envelope.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { Strict, decode } from '../../kernel/schema.ts'
import { parseObjective } from '../../measure/objective.ts'
import type { Objective } from '../../measure/objective.ts'
import type { JsonObject } from './types.ts'

/** What the extension `premortem` of an experiment asks for. */
export interface NativeSpec { at: string | null, objectives: Objective[], faults: FaultSpec[] }

interface NativeObjective extends JsonObject {
  objective: string
  verdict: string
  n: number
  bad: number
  good: number
  lower: number
  upper: number
  needed: number
}

interface NativeFault extends JsonObject {
  type: string
  on: string
  applied: boolean
  removed: boolean
  eligible: number
  injected: number
}

/** What came of it, as it stands in the journal. Fractions are shares of what was good. */
export interface NativeResult extends JsonObject {
  at: string | null
  objectives: NativeObjective[]
  faults: NativeFault[]
}

const NAME = 'premortem'

const Extension = Strict({
  name: Type.Literal(NAME),
  at: Type.Optional(Type.String({ minLength: 1 })),
  objectives: Type.Optional(Type.Array(Type.String(), { wanted: 'a list of objectives' })),
  faults: Type.Optional(Type.Array(Type.Unknown(), { wanted: 'a list of faults' }))
})

/** What the extension says; null if there is none. Throws PMT_ERR_INVALID and decodeFault's errors, naming the path. */
export function readNative (extensions: readonly JsonObject[]): NativeSpec | null {
  const index = extensions.findIndex(({ name }) => name === NAME)
  if (index === -1) return null
  const path = `extensions.${index}`
  const { at, objectives = [], faults = [] } = decode(Extension, extensions[index], path)
  if (objectives.length > 0 && at === undefined) {
    throw new PremortemError('PMT_ERR_INVALID', { message: '`at` is missing', path: `${path}.at`, found: 'nothing', wanted: 'the proxy whose traffic is judged' })
  }
  for (const [i, fault] of faults.entries()) {
    if (decodeFault(fault, `${path}.faults.${i}`).on !== undefined) continue
    throw new PremortemError('PMT_ERR_INVALID', { message: '`on` is missing', path: `${path}.faults.${i}.on`, found: 'nothing', wanted: 'the name of a proxy' })
  }
  return { at: at ?? null, faults: faults as FaultSpec[], objectives: objectives.map((text, i) => objectiveAt(text, `${path}.objectives.${i}`)) }
}

function objectiveAt (text: string, path: string): Objective {
  try {
    return parseObjective(text)
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path }) : error
  }
}

/** How long a fault outlives a process that died, and how often it is told that we are here, in milliseconds. */
const LEASE = 10_000
const HEARTBEAT = 3000

/** What a native part needs. `run` names its faults; `seed` is what their choices come from. */
export interface NativeTools { plane: DataPlane, clock: Clock, run: string, seed: number }

interface Held { spec: FaultSpec, fault: AppliedFault, applied: boolean, removed: boolean, figures: FaultFigures | null }

/** The faults and the measurement of an extension `premortem`, for as long as the method runs. */
export class NativePart {
  readonly #spec: NativeSpec
  readonly #tools: NativeTools
  readonly #held: Held[] = []
  #watch: OpenWatch | null = null
  #beat: Cancel = () => {}

  constructor (spec: NativeSpec, tools: NativeTools) {
    this.#spec = spec
    this.#tools = tools
  }

  /** Throws PMT_ERR_PROXY_NOT_FOUND if a proxy is not there. */
  async check (): Promise<void> {
    const { at, faults } = this.#spec
    for (const name of [...(at === null ? [] : [at]), ...faults.map(({ on }) => String(on))]) {
      if (await this.#tools.plane.describe(name) === undefined) throw new PremortemError('PMT_ERR_PROXY_NOT_FOUND', { message: `no proxy ${name}`, found: name })
    }
  }

  /** Begins to measure, then applies the faults. Throws what refuses one; what was applied until then is held. */
  async begin (): Promise<void> {
    const { plane, clock, run, seed } = this.#tools
    const { at, objectives, faults } = this.#spec
    if (at !== null && objectives.length > 0) {
      this.#watch = await plane.watch(at, objectives)
      await this.#watch.mark('method')
    }
    this.#beat = clock.every(HEARTBEAT, () => { void this.#renew() })
    for (const [i, spec] of faults.entries()) {
      // Named by the run, so that it can be removed even if the answer is lost.
      const fault = { on: String(spec.on), id: `${run}-${i}`, revision: 0 }
      const held: Held = { spec, fault, applied: false, removed: false, figures: null }
      this.#held.push(held)
      held.fault = await plane.apply(fault.on, { ...spec, id: fault.id }, { ttl: LEASE, run, seed: seed + i })
      held.applied = true
    }
  }

  /** Removes the faults, the last one first, and judges what was measured. Never throws. */
  async end (): Promise<NativeResult> {
    const { plane } = this.#tools
    this.#beat()
    for (const held of [...this.#held].reverse()) {
      try {
        await plane.remove(held.fault)
        held.removed = true
        held.figures = await plane.figures(held.fault)
      } catch { /* it says `removed: false`, and its lease runs out */ }
    }
    const faults = this.#held.map(({ spec, fault, applied, removed, figures }) => {
      const { eligible = 0, injected = 0 } = figures?.counters ?? {}
      return { type: spec.type, on: fault.on, applied, removed, eligible, injected }
    })
    return { at: this.#spec.at, faults, objectives: await this.#judge() }
  }

  async #judge (): Promise<NativeResult['objectives']> {
    const { objectives } = this.#spec
    const watch = this.#watch
    if (watch === null) return []
    try {
      await watch.mark('end')
      const phase = (await watch.read({ final: true })).phases.find(({ name }) => name === 'method')!
      const judgements = judgePhase(objectives, phase, phase.endedAt! - phase.startedAt)
      return judgements.map(({ verdict, n, bad, good, lower, upper, needed }, i) =>
        ({ objective: objectives[i]!.text, verdict, n, bad, good, lower, upper, needed }))
    } catch {
      const nothing = { verdict: 'inconclusive', n: 0, bad: 0, good: 0, lower: 0, upper: 1, needed: 0 }
      return objectives.map(({ text }) => ({ objective: text, ...nothing }))
    } finally {
      await watch.close().catch(() => {})
    }
  }

  async #renew (): Promise<void> {
    for (const { fault, applied } of this.#held) {
      // One that cannot be renewed runs out, and what it did not do shows in its figures.
      if (applied) await this.#tools.plane.renew(fault, LEASE).catch(() => {})
    }
  }
}

/**
 * What a native part says of a run: whether it judged any objective, what was breached, what cannot be said, what hit nothing,
 * and what may still be there.
 */
export interface NativeFindings { judged: boolean, breached: string[], inconclusive: string[], missed: string[], left: string[] }

/** The same, in words. */
export function findingsOf ({ objectives, faults }: NativeResult): NativeFindings {
  const words = ({ objective, n, bad, needed }: NativeResult['objectives'][number], what: string): string =>
    `${objective} ${what}: ${bad} of ${n} were bad${what === 'is inconclusive' ? `, and at least ${needed} are needed` : ''}`
  const faultWords = ({ type, on }: NativeResult['faults'][number]): string => `${type} on ${on}`
  return {
    judged: objectives.length > 0,
    breached: objectives.filter(({ verdict }) => verdict === 'breached').map((objective) => words(objective, 'was breached')),
    inconclusive: objectives.filter(({ verdict }) => verdict === 'inconclusive').map((objective) => words(objective, 'is inconclusive')),
    missed: faults.filter(({ injected }) => injected === 0).map(faultWords),
    left: faults.filter(({ removed }) => !removed).map(faultWords)
  }
}
