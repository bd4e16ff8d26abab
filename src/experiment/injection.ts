import type { Fault, FaultSpec } from '../faults/envelope.ts'
import { addCounters } from '../faults/plan.ts'
import type { FaultCounters } from '../faults/plan.ts'
import { PremortemError } from '../kernel/errors.ts'
import { within } from './control.ts'
import type { RunContext } from './context.ts'
import type { AppliedFault, FaultDecisions, FaultFigures, FaultResidue } from './ports.ts'
import { SETTLE } from './restore.ts'
import type { FaultResult } from './result.ts'
import { whyMissed } from './words.ts'

/** The longest lease, in milliseconds: how long a fault outlives a controller that died. */
const LEASE = 10_000

/** How much longer than the phase the last lease is: the time to remove the faults. */
const MARGIN = 2000

/** How often leases are renewed: twice can fail before one runs out. */
const HEARTBEAT = 3000

/** How long one answer of the data plane may take. */
const ANSWER = 2500

/** How long removal is tried, and how long it waits between two attempts. */
const REMOVAL = 10_000
const RETRY = 250

interface Held {
  fault: Fault
  applied: AppliedFault
  /** Not ours when the data plane refused it: one of that id is someone else's. */
  ours: boolean
  removed: boolean
  renewedAt: number
  ttl: number
  figures: FaultFigures | null
  /** Parameters that are no longer what the document says. */
  changed: Readonly<Record<string, unknown>>
}

/** The faults of a run, from their injection until the data plane has confirmed that they are gone. */
export class Injection {
  readonly #context: RunContext
  readonly #held: Held[] = []
  /** What faults did that have been applied anew since. */
  readonly #earlier = new Map<Fault, FaultCounters>()
  #renewAt = 0

  constructor (context: RunContext) {
    this.#context = context
  }

  /** Applies every fault for a phase of this length. Throws the first refusal; what was applied until then stays held. */
  async apply (length: number): Promise<void> {
    const { id: run, experiment: { faults }, ports: { clock, plane }, control, scribe } = this.#context
    this.#renewAt = clock.now() + HEARTBEAT
    for (const [i, fault] of faults.entries()) {
      if (control.ended) return
      // Named by the run, so that it can be removed even if the data plane's answer is lost.
      const { id, seed } = identityOf(this.#context, i)
      const applied = { on: fault.on!, id, revision: 0 }
      const ttl = leaseFor(length)
      const held: Held = { fault, applied, ours: true, removed: false, renewedAt: clock.now(), ttl, figures: null, changed: {} }
      this.#setAside(fault)
      this.#held.push(held)
      try {
        const lease = { ttl, run, seed }
        held.applied = await within(clock, ANSWER, plane.apply(applied.on, specOf(fault, applied.id), lease))
      } catch (error) {
        held.ours = !(error instanceof PremortemError && error.status < 500)
        throw error
      }
      scribe.tell('run.fault', { action: 'applied', ...held.applied })
    }
  }

  #setAside (fault: Fault): void {
    const i = this.#held.findIndex((held) => held.fault === fault && held.removed)
    if (i === -1) return
    const [{ figures }] = this.#held.splice(i, 1) as [Held]
    if (figures !== null) this.#earlier.set(fault, addCounters(figures.counters, this.#earlier.get(fault)))
  }

  /** What a fault has done, however often it was applied; null if it is not known. */
  #countersOf ({ fault, figures }: Held): FaultCounters | null {
    const earlier = this.#earlier.get(fault)
    return figures === null ? earlier ?? null : addCounters(figures.counters, earlier)
  }

  /** Renews the leases if it is time; `left` is how long the phase still lasts. A lease that is lost ends the run. */
  async renew (left: number): Promise<void> {
    const { clock } = this.#context.ports
    if (clock.now() < this.#renewAt) return
    this.#renewAt = clock.now() + HEARTBEAT
    await Promise.all(this.#held.map((held) => this.#renew(held, leaseFor(left))))
  }

  /** Renews the leases at once, for a stretch of this length that follows another. */
  async extend (length: number): Promise<void> {
    this.#renewAt = 0
    await this.renew(length)
  }

  async #renew (held: Held, ttl: number): Promise<void> {
    const { ports: { clock, plane, log }, control } = this.#context
    const now = clock.now()
    try {
      await within(clock, ANSWER, plane.renew(held.applied, ttl))
      held.renewedAt = now
      held.ttl = ttl
    } catch (error) {
      if (control.ended || this.#isGone(held, error)) return
      const { on, id } = held.applied
      log.warn({ err: error, on, id }, 'the lease of a fault could not be renewed')
      this.#renewAt = 0
      if (clock.now() - held.renewedAt < held.ttl) return
      control.end('failed', `the lease of the fault ${id} on ${on} ran out, because the data plane did not answer: ${(error as Error).message}`)
    }
  }

  /** Whether an error says that a fault is no longer there, which ends the run. */
  #isGone ({ applied: { on, id } }: Held, error: unknown): boolean {
    if (!(error instanceof PremortemError && error.code === 'PMT_ERR_FAULT_NOT_FOUND')) return false
    this.#context.control.end('aborted', `the fault ${id} on ${on} went away in the middle of its phase: somebody removed it, or ${on} was replaced or restarted`)
    return true
  }

  /** Changes parameters of the i-th fault where it is. One that is gone ends the run; throws what else goes wrong. */
  async change (i: number, patch: Readonly<Record<string, unknown>>): Promise<void> {
    const { experiment: { faults }, ports: { clock, plane }, control, scribe } = this.#context
    const held = this.#held.find(({ fault }) => fault === faults[i])
    if (held === undefined || control.ended) return
    try {
      await within(clock, ANSWER, plane.change(held.applied, patch))
    } catch (error) {
      if (control.ended || this.#isGone(held, error)) return
      throw error
    }
    held.changed = { ...held.changed, ...patch }
    scribe.tell('run.fault', { action: 'changed', ...held.applied, patch })
  }

  /** How often the i-th fault has hit, as far as was counted. */
  hits (i: number): number {
    const held = this.#held.find(({ fault }) => fault === this.#context.experiment.faults[i])
    const counters = held === undefined ? null : this.#countersOf(held)
    return counters === null ? 0 : counters.injected + counters.existing.reset + counters.existing.drain
  }

  /** Removes every fault, again and again until the data plane confirms it or ten seconds have passed. Never throws. */
  async remove (): Promise<void> {
    const { control } = this.#context
    await Promise.all(this.#held.filter(({ ours, removed }) => ours && !removed).map((held) => this.#remove(held)))
    const left = this.#held.filter(({ ours, removed }) => ours && !removed).map(({ applied: { id, on } }) => `${id} on ${on}`)
    if (left.length === 0) return
    control.end('not-recovered', `removal not confirmed: ${left.join(', ')}; a lease ends each at most ${LEASE / 1000} s after it was last renewed`)
  }

  async #remove (held: Held): Promise<void> {
    const { ports: { clock, plane, log }, scribe } = this.#context
    const { on, id } = held.applied
    const deadline = clock.now() + REMOVAL
    for (;;) {
      try {
        await within(clock, ANSWER, plane.remove(held.applied))
        held.removed = true
        scribe.tell('run.fault', { action: 'removed', ...held.applied })
        return
      } catch (error) {
        log.warn({ err: error, on, id }, 'a fault could not be removed')
        if (clock.now() + RETRY >= deadline) break
      }
      await clock.sleep(RETRY)
    }
    scribe.tell('run.fault', { action: 'not-removed', ...held.applied })
  }

  /** Reads the figures of every fault; where that fails, the last known ones stay. */
  async count (): Promise<void> {
    const { clock, plane, log } = this.#context.ports
    await Promise.all(this.#held.filter(({ ours }) => ours).map(async (held) => {
      try {
        held.figures = await within(clock, ANSWER, plane.figures(held.applied))
      } catch (error) {
        log.warn({ err: error, ...held.applied }, 'the counters of a fault could not be read')
      }
    }))
  }

  /** Which faults hit nothing, in words. */
  missed (): string[] {
    return this.#held.filter((held) => !landed(this.#countersOf(held))).map((held) => {
      const { fault, applied: { on, id } } = held
      const counters = this.#countersOf(held)
      const why = counters === null ? 'its counters could not be read' : whyMissed(fault, counters)
      return `the fault ${id} (${fault.type.type} on ${on}) did not land: ${why}`
    })
  }

  /**
   * What the data plane has left of each fault, once what they hit is over or two seconds have passed; null for one that it
   * could not be asked about.
   */
  async residues (): Promise<(FaultResidue | null)[]> {
    const { clock, plane, log } = this.#context.ports
    const deadline = clock.now() + SETTLE.limit
    for (;;) {
      const residues = await Promise.all(this.#held.filter(({ ours }) => ours).map(async ({ applied }) => {
        try {
          return await within(clock, ANSWER, plane.residue(applied))
        } catch (error) {
          log.warn({ err: error, ...applied }, 'it could not be asked whether a fault is gone')
          return null
        }
      }))
      const over = residues.every((residue) => residue !== null && !residue.active && residue.held === 0)
      if (over || clock.now() + SETTLE.every > deadline) return residues
      await clock.sleep(SETTLE.every)
    }
  }

  /** What each fault of the document decided of late; null for one that was never applied, or where that cannot be read. */
  async decisions (): Promise<(FaultDecisions | null)[]> {
    const { experiment, ports: { clock, plane, log } } = this.#context
    return Promise.all(experiment.faults.map(async (fault) => {
      const held = this.#held.find((one) => one.fault === fault && one.ours)
      if (held === undefined) return null
      try {
        return await within(clock, ANSWER, plane.decisions(held.applied))
      } catch (error) {
        log.warn({ err: error, ...held.applied }, 'the decisions of a fault could not be read')
        return null
      }
    }))
  }

  /** What became of each fault of the document, also of those that were never applied. */
  results (): FaultResult[] {
    return this.#context.experiment.faults.map((fault) => {
      const held = this.#held.find((one) => one.fault === fault && one.ours)
      const counters = held === undefined ? null : this.#countersOf(held)
      return {
        fault: { ...fault.spec, ...held?.changed },
        id: held?.applied.id ?? null,
        landed: landed(counters),
        removed: held?.removed ?? true,
        counters,
        delays: held?.figures?.delays ?? null
      }
    })
  }
}

/** What a run calls its i-th fault, and the seed of its choices. */
export function identityOf ({ id, experiment, ports: { random } }: RunContext, i: number): { id: string, seed: number } {
  const fault = experiment.faults[i]!
  return { id: fault.id ?? `${id}.${i}`, seed: fault.seed ?? random.fork('faults').fork(i).seed }
}

const leaseFor = (left: number): number => Math.min(LEASE, left + MARGIN)

function landed (counters: FaultCounters | null): boolean {
  if (counters === null) return false
  const { injected, existing } = counters
  return injected + existing.reset + existing.drain > 0
}

/** The fault as the data plane is to have it: where it is and how long it lives are the run's business. */
function specOf (fault: Fault, id: string): FaultSpec {
  const { on: _, ttl: __, ...spec } = fault.spec
  return { ...spec, id }
}
