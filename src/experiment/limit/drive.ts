import type { PhaseReading } from '../../measure/watch.ts'
import type { Count } from '../../measure/statistics/effective-size.ts'
import { unlessEnded } from '../control.ts'
import type { RunContext } from '../context.ts'
import { hold } from '../hold.ts'
import type { EachSecond, Holding } from '../hold.ts'
import type { Injection } from '../injection.ts'
import type { Meter } from '../meter.ts'
import { seriesOf } from '../series.ts'
import type { LimitSpec } from './document.ts'
import { FEWEST_SECONDS, judgeObjective, levelsOf, verdictOfLevel, worthOf } from './level.ts'
import type { Bar } from './level.ts'
import type { Level, LevelObjective } from './result.ts'
import { LimitSearch } from './search.ts'
import { secondsOver } from './seconds.ts'
import { showValue } from './value.ts'

/** How long an open request of a success objective is waited for without a load that has its own limit, in milliseconds. */
const PATIENCE = 5000

/** Within these factors of the baseline's, an arrival rate counts as unchanged. */
const SAME_TRAFFIC = [0.8, 1.25] as const

/** Why a search ended before it knew. */
export type CutOff = 'time' | 'levels' | 'not-back' | 'ended'

/** What a search saw, in the order in which it saw it. */
export interface Searched { search: LimitSearch, levels: Level[], cutOff: CutOff | null }

/** What a search works with. */
export interface Driving { meter: Meter, injection: Injection, spec: LimitSpec, baseline: PhaseReading }

/** A level that was tried, before it is known what came of it. `seconds` of it were over. */
interface Tried extends Pick<Level, 'value' | 'shown' | 'purpose' | 'ms' | 'hits'> { judged: LevelObjective[], seconds: number }

/** Raises a parameter until the objectives break, level by level, in the fault phase of a run. */
export class LimitDrive {
  readonly #context: RunContext
  readonly #driving: Driving
  /** How many levels there are at most; the last of them is for the check beyond the limit. */
  readonly #most: number
  /** For each objective, the seconds of the baseline and of every level. */
  readonly #seen: { baseline: Count[], levels: Count[][] }[]
  readonly #search: LimitSearch
  readonly #levels: Level[] = []
  readonly #endsAt: number
  readonly #patience: number
  readonly #baselineRate: number
  #each: EachSecond = () => {}
  #cutOff: CutOff | null = 'ended'

  constructor (context: RunContext, driving: Driving) {
    this.#context = context
    this.#driving = driving
    const { experiment: { objectives, phases, load }, ports: { clock } } = context
    const { spec, baseline } = driving
    this.#seen = objectives.map((_, i) => ({ baseline: seriesOf(baseline.bins, i, phases.baseline), levels: [] }))
    this.#most = levelsOf(spec)
    this.#search = new LimitSearch(spec)
    this.#endsAt = clock.now() + phases.fault
    this.#patience = load?.timeout ?? PATIENCE
    this.#baselineRate = baseline.of[0]! / (phases.baseline / 1000)
  }

  /** What was seen until now. */
  get searched (): Searched { return { search: this.#search, levels: this.#levels, cutOff: this.#cutOff } }

  /**
   * Searches, and then looks once beyond the limit; `each` is asked each second. The faults stay: whoever began the run
   * removes them. Throws what changing a fault does.
   */
  async run (each: EachSecond): Promise<void> {
    this.#each = each
    await this.#driving.injection.apply(this.#left)
    this.#cutOff = await this.#narrow()
    if (this.#cutOff === null) await this.#askAgain()
    const beyond = this.#cutOff === null ? this.#search.check() : null
    if (beyond !== null && this.#hasTime && await this.#comeBack() && this.#hasTime) await this.#try(beyond, 'check')
  }

  async #narrow (): Promise<CutOff | null> {
    for (let value = this.#search.next(); value !== null; value = this.#search.next()) {
      const cutOff = await this.#ask(value)
      if (cutOff !== null) return cutOff
    }
    return null
  }

  /** Tries levels that stayed undecided once more: a moment's trouble may have done that. There need be no time left for it. */
  async #askAgain (): Promise<void> {
    const undecided = this.#search.undecided
    for (const value of undecided) {
      // A milder one may have settled it.
      if (!this.#search.undecided.includes(value)) continue
      const cutOff = await this.#ask(value)
      if (cutOff === 'ended') this.#cutOff = cutOff
      if (cutOff !== null) return
    }
    if (undecided.length > 0 && await this.#narrow() === 'ended') this.#cutOff = 'ended'
  }

  /** Tries a level, if it may be; else says why not. */
  async #ask (value: number): Promise<CutOff | null> {
    if (this.#levels.length === this.#most - 1) return 'levels'
    // What breaks is given the time to come back before the next level is judged, or it would be judged for the last one.
    if (this.#levels.at(-1)?.verdict === 'breached' && !await this.#comeBack()) return this.#context.control.ended ? 'ended' : 'not-back'
    if (!this.#hasTime) return 'time'
    const level = await this.#try(value, 'search')
    if (level === null) return 'ended'
    this.#search.record(value, level.verdict)
    return null
  }

  get #left (): number { return this.#endsAt - this.#context.ports.clock.now() }

  get #hasTime (): boolean { return this.#left >= this.#driving.spec.settle + FEWEST_SECONDS * 1000 }

  /** For how long a level can be tried, in milliseconds. */
  get #stepTime (): number { return Math.min(this.#driving.spec.stepTime, Math.max(1000, this.#left)) }

  get #holding (): Pick<Holding, 'each' | 'heartbeat'> {
    const { injection } = this.#driving
    return { each: this.#each, heartbeat: () => injection.renew(this.#left) }
  }

  get #bar (): Bar {
    const worth = this.#seen.map(({ baseline, levels }) => worthOf(baseline, levels))
    return { levels: this.#most, objectives: this.#seen.length, worth }
  }

  async #set (value: number): Promise<void> {
    const { injection, spec } = this.#driving
    await unlessEnded(injection.change(spec.fault, { [spec.parameter]: value }), this.#context.control)
  }

  /** Goes back to where the search began until a whole second is good again; whether there was one in the time of a level. */
  async #comeBack (): Promise<boolean> {
    const { control, experiment: { objectives } } = this.#context
    const { meter, spec } = this.#driving
    let back = false
    await this.#set(spec.from)
    const enough = async (reading: PhaseReading, elapsed: number): Promise<boolean> => {
      const all = await this.#readAll('settling')
      back = all !== null && elapsed >= spec.settle && objectives.every((objective, i) => {
        const last = secondsOver(objective, i, { ended: reading, all }, elapsed, this.#patience).at(-1)
        return last !== undefined && last.n > 0 && 1 - last.bad / last.n >= objective.target
      })
      return back
    }
    await hold(this.#context, meter, 'settling', { ...this.#holding, length: this.#stepTime, enough })
    return back && !control.ended
  }

  /** One level; null if the run is to end. */
  async #try (value: number, purpose: Level['purpose']): Promise<Level | null> {
    const { control, experiment: { objectives }, scribe } = this.#context
    const { meter, injection, spec } = this.#driving
    const shown = showValue(value, spec.unit)
    await this.#set(value)
    await hold(this.#context, meter, 'settling', { ...this.#holding, length: spec.settle })
    if (control.ended) return null
    await injection.count()
    const before = injection.hits(spec.fault)
    let judged: LevelObjective[] = []
    let over: Count[][] = []
    let ms = 0
    const bar = this.#bar
    const name = `${spec.parameter}=${shown}`
    const enough = async (reading: PhaseReading, elapsed: number): Promise<boolean> => {
      ms = elapsed
      const all = await this.#readAll(name)
      if (all === null) return false
      over = objectives.map((objective, i) => secondsOver(objective, i, { ended: reading, all }, elapsed, this.#patience))
      judged = objectives.map((objective, i) => judgeObjective(objective, i, over[i]!, bar))
      return verdictOfLevel(judged) !== 'inconclusive'
    }
    await hold(this.#context, meter, name, { ...this.#holding, length: this.#stepTime, enough })
    if (control.ended) return null
    await injection.count()
    for (const [i, seconds] of over.entries()) this.#seen[i]!.levels.push(seconds)
    const hits = injection.hits(spec.fault) - before
    const level = this.#levelOf({ value, shown, purpose, ms, judged, seconds: over[0]?.length ?? 0, hits })
    this.#levels.push(level)
    scribe.tell('run.level', { ...level })
    return level
  }

  #levelOf ({ judged, seconds, ...level }: Tried): Level {
    const verdict = judged.length === 0 ? 'inconclusive' : verdictOfLevel(judged)
    const rate = seconds === 0 ? 0 : judged[0]!.n / seconds
    const ratio = this.#baselineRate === 0 ? 1 : rate / this.#baselineRate
    const { source, load } = this.#context.experiment
    const sameTraffic = (source === 'load' && load !== undefined) || (ratio >= SAME_TRAFFIC[0] && ratio <= SAME_TRAFFIC[1])
    const why = verdict === 'held' && level.hits === 0
      ? 'the fault hit nothing there'
      : verdict !== 'inconclusive'
        ? null
        : judged.every(({ n }) => n === 0) ? 'nothing was counted there' : 'what was seen is too close to the objective, or too little'
    return { ...level, verdict: why === null ? verdict : 'inconclusive', objectives: judged, rate, sameTraffic, why }
  }

  /** What a phase has counted, what is open as bad; null if it cannot be read now. */
  async #readAll (name: string): Promise<PhaseReading | null> {
    const { meter } = this.#driving
    try {
      return await meter.read(name, true)
    } catch (error) {
      this.#context.ports.log.warn({ err: error, phase: name }, 'the traffic could not be read')
      return null
    }
  }
}
