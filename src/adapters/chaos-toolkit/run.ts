import { runActivity } from './activity.ts'
import type { ActivityTools } from './activity.ts'
import type { EventLog } from './event-log.ts'
import { ChaosCrash, Interruption } from './failure.ts'
import { verifyHypothesis } from './hypothesis.ts'
import type { HypothesisResult, HypothesisTools } from './hypothesis.ts'
import { pythonTime } from './journal.ts'
import type { ActivityRun, ChaosJournal, When } from './journal.ts'
import { findingsOf } from './native.ts'
import type { NativePart, NativeResult } from './native.ts'
import { compatExit, endOf, verdictOf } from './outcome.ts'
import type { ChaosVerdict, Facts } from './outcome.ts'
import { guard } from './safeguards.ts'
import type { Safeguard } from './safeguards.ts'
import type { DryMode, HypothesisStrategy, RollbackStrategy } from './strategies.ts'
import type { Activity, ChaosExperiment, JsonObject } from './types.ts'

/** How a run is done. */
export interface ChaosOptions {
  hypothesis: HypothesisStrategy
  rollbacks: RollbackStrategy
  /** Milliseconds between the end of one verification and the next while the method runs. */
  frequency: number
  /** Whether an unmet verification while the method runs ends it. */
  failFast: boolean
  dry: DryMode | null
  /** Whether everything is as the Chaos Toolkit does it, exit codes and all. */
  compat: boolean
}

/** What a run needs beside what its activities do. */
export interface ChaosTools extends Omit<ActivityTools, 'dry' | 'note'> {
  log: EventLog
  /** What the journal says of this machine. */
  machine: { platform: string, node: string }
  title: string
  hash: string
  /** The extension's part of the run; null without one. */
  native: NativePart | null
  safeguards: readonly Safeguard[]
  /** Ends the run early, by its signal. */
  interrupt: (interruption: Interruption) => void
  /** Told in a few words what happens. */
  say: (words: string) => void
}

/** What came of a run. */
export interface ChaosResult { journal: ChaosJournal, verdict: ChaosVerdict, exitCode: number }

const VERIFIES: Readonly<Record<When, readonly HypothesisStrategy[]>> = {
  before: ['default', 'before-method-only', 'continuously'],
  during: ['during-method-only', 'continuously'],
  after: ['default', 'after-method-only', 'continuously']
}

/**
 * Runs an experiment of the Chaos Toolkit: gate, method, hypothesis again, rollbacks; every step is in the log as it happens. The
 * signal, whose reason is an Interruption, ends it early. Throws ChaosCrash under `compat`, and PMT_ERR_FILE_UNREADABLE.
 */
export async function runChaos (
  experiment: ChaosExperiment, options: ChaosOptions, tools: ChaosTools, signal: AbortSignal
): Promise<ChaosResult> {
  return await new ChaosRun(experiment, options, tools, signal).run()
}

class ChaosRun {
  readonly #experiment: ChaosExperiment
  readonly #options: ChaosOptions
  readonly #tools: ChaosTools
  readonly #signal: AbortSignal
  readonly #facts: { -readonly [K in keyof Facts]: Facts[K] }
  /** Aborted when nothing more of the method is to begin. */
  readonly #enough = new AbortController()
  #runs = 0
  #native: NativeResult | null = null

  constructor (experiment: ChaosExperiment, options: ChaosOptions, tools: ChaosTools, signal: AbortSignal) {
    this.#experiment = experiment
    this.#options = options
    this.#tools = tools
    this.#signal = signal
    this.#facts = {
      hypothesis: options.hypothesis,
      rollbacks: options.rollbacks,
      dry: options.dry,
      probes: experiment.hypothesis?.probes.length ?? 0,
      before: null,
      after: null,
      during: { n: 0, unmet: 0 },
      failedFast: false,
      begun: false,
      failedActions: [],
      interruption: null,
      crash: null
    }
  }

  async run (): Promise<ChaosResult> {
    const { clock, log, machine, title, say } = this.#tools
    const { compat, dry } = this.#options
    const facts = this.#facts
    const began = clock.now()
    log.append({ type: 'started', time: pythonTime(clock), experiment: { ...this.#experiment.document, title, dry }, ...machine })
    const guarded = new AbortController()
    try {
      await this.#guard(guarded.signal)
      if (!this.#signal.aborted) await this.#untilRollbacks()
    } catch (error) {
      if (error instanceof ChaosCrash) throw error
      facts.crash = `premortem failed: ${(error as Error).message}`
    } finally {
      guarded.abort()
    }
    if (this.#signal.aborted) {
      const { reason } = this.#signal as { reason: unknown }
      facts.interruption = reason instanceof Interruption ? reason : new Interruption(String(reason))
    }
    const end = endOf(facts, compat)
    const failedRollbacks = end.rollbacks ? await this.#rollBack() : []
    const verdict = verdictOf(facts, end, failedRollbacks, this.#native === null ? undefined : findingsOf(this.#native))
    const { status, deviated } = end
    log.append({
      type: 'ended',
      time: pythonTime(clock),
      duration: (clock.now() - began) / 1000,
      status,
      deviated,
      ...(compat ? {} : { premortem: this.#block(verdict) })
    })
    log.finish()
    say(`ended: ${status}${deviated ? ', deviated' : ''}`)
    return { journal: log.journal(), verdict, exitCode: compat ? compatExit(end) : verdict.exitCode }
  }

  async #guard (signal: AbortSignal): Promise<void> {
    const { dry, compat } = this.#options
    const { safeguards, interrupt, say } = this.#tools
    await guard(safeguards, { ...this.#tools, dry, compat, noteState: () => {} }, (interruption) => {
      say(interruption.reason)
      interrupt(interruption)
    }, AbortSignal.any([signal, this.#signal]))
  }

  #block (verdict: ChaosVerdict): JsonObject {
    const { outcome, exitCode, reasons } = verdict
    return { verdict: outcome, exitCode, reasons, experimentHash: this.#tools.hash, ...this.#native }
  }

  async #untilRollbacks (): Promise<void> {
    const facts = this.#facts
    if (this.#verifies('before')) {
      this.#tools.say('verifying the steady state before the method')
      facts.before = await this.#verify('before', 0)
      if (facts.before !== 'met') return this.#tools.say('the steady state is not met: the method is left out')
    }
    if (this.#signal.aborted) return
    facts.begun = true
    const methodEnded = new AbortController()
    const during = this.#verifies('during') ? this.#verifyDuring(methodEnded.signal) : Promise.resolve()
    // Looked at below, however the method ends.
    during.catch(() => {})
    try {
      if (await this.#beginNative()) await this.#method()
    } finally {
      methodEnded.abort()
      this.#native = await this.#tools.native?.end() ?? null
    }
    await during
    if (this.#signal.aborted || !this.#verifies('after')) return
    this.#tools.say('verifying the steady state after the method')
    facts.after = await this.#verify('after', 0)
  }

  /** Whether the method may begin: a fault of the extension that cannot be is an action that failed. */
  async #beginNative (): Promise<boolean> {
    try {
      await this.#tools.native?.begin()
      return true
    } catch (error) {
      this.#tools.say(`the faults of the extension cannot be: ${(error as Error).message}`)
      this.#facts.failedActions = [...this.#facts.failedActions, 'premortem']
      return false
    }
  }

  #verifies (when: When): boolean {
    return this.#experiment.hypothesis !== null && VERIFIES[when].includes(this.#options.hypothesis)
  }

  async #verify (when: When, index: number): Promise<HypothesisResult | null> {
    const tools: HypothesisTools = {
      ...this.#tools,
      dry: this.#options.dry,
      compat: this.#options.compat,
      noteState: (state) => this.#tools.log.append({ type: 'hypothesis', when, index, state })
    }
    const { result, state } = await verifyHypothesis(this.#experiment.hypothesis!.probes, tools, this.#signal)
    // What the signal cut off says nothing about the service.
    if (this.#signal.aborted) return null
    const last = state.probes.at(-1)
    if (result !== 'met' && last !== undefined) this.#tools.say(`the probe \`${last.activity.name}\` ${result === 'failed' ? 'failed' : 'is not within its tolerance'}`)
    return result
  }

  async #verifyDuring (ended: AbortSignal): Promise<void> {
    const { during } = this.#facts
    while (!ended.aborted && !this.#signal.aborted) {
      const result = await this.#verify('during', during.n)
      if (result === null) return
      during.n++
      if (result !== 'met') {
        during.unmet++
        if (this.#options.failFast) {
          this.#facts.failedFast = true
          this.#enough.abort()
          return
        }
      }
      await this.#tools.clock.sleep(this.#options.frequency, AbortSignal.any([ended, this.#signal])).catch(() => {})
    }
  }

  async #method (): Promise<void> {
    const background: Promise<ActivityRun>[] = []
    for (const activity of this.#experiment.method) {
      if (this.#signal.aborted || this.#enough.signal.aborted) break
      const run = this.#play(activity, 'run', this.#signal)
      if (activity.background === true) background.push(run)
      else await run
    }
    await Promise.all(background)
  }

  /** Names of those that failed. */
  async #rollBack (): Promise<string[]> {
    this.#runs = 0
    const failed: string[] = []
    // What ends a run does not end what tidies up after it.
    const { signal } = new AbortController()
    for (const activity of this.#experiment.rollbacks) {
      const { status } = await this.#play(activity as Activity, 'rollbacks', signal)
      if (status !== 'succeeded') failed.push(String(activity.name))
    }
    return failed
  }

  async #play (activity: Activity, part: 'run' | 'rollbacks', signal: AbortSignal): Promise<ActivityRun> {
    let index: number | undefined
    const note = (run: ActivityRun): void => {
      index ??= this.#runs++
      this.#tools.log.append({ type: 'activity', part, index, run })
    }
    this.#tools.say(`${part === 'rollbacks' ? 'rollback' : activity.type}: ${activity.name}${activity.background === true ? ' (in the background)' : ''}`)
    const run = await runActivity(activity, { ...this.#tools, dry: this.#options.dry, note }, signal)
    if (run.status === 'failed') {
      this.#tools.say(`\`${activity.name}\` failed: ${run.exception?.join('').trim() ?? ''}`)
      if (part === 'run' && activity.type === 'action') this.#facts.failedActions = [...this.#facts.failedActions, activity.name]
    }
    return run
  }
}
