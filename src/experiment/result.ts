import type { FaultSpec } from '../faults/envelope.ts'
import type { FaultCounters } from '../faults/plan.ts'
import type { Count } from '../measure/statistics/effective-size.ts'
import type { Subject } from '../measure/objective.ts'
import type { SurvivorReading } from '../measure/survivors.ts'
import type { HandshakeReading, PhaseReading } from '../measure/watch.ts'
import type { Design } from './design.ts'
import type { LimitResult } from './limit/result.ts'
import type { FaultFigures, LoadSummary } from './ports.ts'
import type { SourceResult } from './sources.ts'

/** How a run can end, and the exit code that says so. */
export const EXIT_CODES = {
  held: 0,
  rehearsed: 0,
  breached: 1,
  inconclusive: 3,
  aborted: 4,
  'baseline-not-steady': 5,
  'fault-did-not-land': 6,
  'not-recovered': 7,
  failed: 70,
  interrupted: 130
} as const

/** How a run ended. */
export type RunOutcome = keyof typeof EXIT_CODES

/** What the counters of one phase say of one objective. */
export type Verdict = 'held' | 'breached' | 'inconclusive'

/** One objective judged over one phase. Fractions are shares of what was good. */
export interface Judgement {
  verdict: Verdict
  n: number
  bad: number
  /** n after allowing for dependence between them (Korn and Graubard 1998). */
  effective: number
  good: number
  /** Exact one-sided 95 % bounds on `good`. */
  lower: number
  upper: number
  /** How many, all good, would have been needed at least to say held. */
  needed: number
}

/** One objective over the whole run. */
export interface ObjectiveResult {
  objective: string
  /** What its n are. */
  counts: Subject
  baseline: Judgement | null
  fault: Judgement | null
  recovery: Judgement | null
  /** How long after the faults were gone it held again, in milliseconds. */
  timeToRecover: TimeToRecover
}

/** A figure and the 90 % interval around it; an end may be infinite. */
export interface Estimate { value: number, lower: number | null, upper: number | null }

/** How a percentile of the latency moved (MOVER, Zou and Donner 2008), in milliseconds. A value is null if it never came. */
export interface Moved { percentile: number, with: Estimate | null, without: Estimate | null, difference: Estimate | null }

/** One objective with the faults and without them: how far apart the shares of what was bad are. */
export interface Deviation {
  objective: string
  with: Count
  without: Count
  /** Of the shares of bad ones, with the faults less without them; Newcombe's interval on effective sizes. */
  difference: Estimate
  /** What matters: half the error budget. */
  margin: number
  /** `deviated`: by more than the margin, for the worse. `no-relevant-change`: not by that much. */
  verdict: 'deviated' | 'no-relevant-change' | 'inconclusive'
  /** Whether there is any difference at all, whether or not it matters. */
  changed: boolean
  latency: Moved[]
  /** Of a switchback: how many pairs of stretches, and how likely such differences are by chance (sign-flip test). */
  pairs: { k: number, p: number } | null
  /** After how much of the traffic's time it could be said, and was never taken back, in milliseconds; null if it could not. */
  conclusiveAfter: number | null
}

/** What the fault phase was compared with, and what came of it. */
export interface Comparison {
  design: Design
  against: 'control' | 'baseline'
  /** One for each objective. */
  deviations: Deviation[]
  /** With a control arm: the same question, had it been asked of the baseline. */
  beforeAfter: Deviation[]
  /** The control arm under the faults against the baseline: what deviated there was reached by them as well. */
  spillover: Deviation[]
  /** In plain words. */
  words: string[]
}

/**
 * `unaffected`: it never stopped holding. `recovered`: it held again `ms` after the faults were gone, before that if negative
 * (the service adapted while they were there), and `sinceOnset` after it began to fail, if that was seen. `not-seen`: still not
 * held when watching ended; `ms` is how long that was.
 */
export type TimeToRecover =
  | { kind: 'unaffected' }
  | { kind: 'recovered', ms: number, sinceOnset?: number }
  | { kind: 'not-seen', ms: number }
  | { kind: 'unknown' }

/** When one objective or guardrail left what it tolerates. Milliseconds from when the faults were there; null if it did not. */
export interface Detection {
  objective: string
  /** Whether it is a guardrail. */
  guardrail: boolean
  /** Shares of bad ones that the CUSUM tells apart, and the sum at which it rings. */
  tolerated: number
  refused: number
  threshold: number
  /** The second after the CUSUM's last zero before it rang. */
  onsetLag: number | null
  /** The most likely second of the change (maximum likelihood), seen from the end. */
  likeliestOnset: number | null
  /** When the CUSUM rang: the tool's time to detect. */
  timeToDetect: number | null
}

/** An alert of the user's monitoring; `after` is in milliseconds from when the faults were there. */
export interface AlertResult { title: string, receivedAt: string, after: number }

/** Who saw what the faults did, and when. */
export interface DetectionResult {
  /** ISO 8601. */
  faultOn: string
  faultOff: string | null
  /** Objectives first, then guardrails. */
  objectives: Detection[]
  alerts: AlertResult[]
  /** From when the faults were there to the first alert of the user's monitoring, in milliseconds; null if none came. */
  timeToAlert: number | null
  /** In plain words. */
  words: string[]
}

/** One alert on burn rates. Windows in milliseconds, the short one a twelfth of the long one. */
export interface PageRule {
  severity: 'page' | 'ticket'
  factor: number
  window: number
  /** When it would have fired, with windows scaled to the run: milliseconds from when the faults were there; null if never. */
  after: number | null
  /** How long its own windows would have taken, had the worst of the run gone on; null if they never had. */
  unscaled: number | null
}

/** Whether multiwindow burn-rate alerts on an objective would have fired during a run. */
export interface Paging {
  objective: string
  /** Of the error budget, in milliseconds. */
  period: number
  /** The windows as they were scaled to the run, in milliseconds. */
  long: number
  short: number
  /** The highest burn rate over the long window, and the highest there can be. */
  peak: number
  highest: number
  rules: PageRule[]
  words: string
}

/** What a run cost of an error budget. Shares are of the budget of the whole period. */
export interface BudgetResult {
  slo: string
  objective: string
  /** Milliseconds. */
  period: number
  perRun: number
  wallet: number
  /** From the injection of the faults on: how many there were, how many were bad, and how many would have been anyway. */
  n: number
  bad: number
  expected: number
  /** Bad ones beyond those. */
  caused: number
  /** How many there are a second, in the baseline. */
  rate: number
  /** How many bad ones the objective allows in a period at that rate. */
  budget: number
  share: number
  burnRate: number
  /** What other runs of the period had spent before, and all of them have now. */
  walletBefore: number
  walletAfter: number
  words: string
}

/** What became of one fault of the document. */
export interface FaultResult {
  fault: FaultSpec
  /** null if it was never applied, or not by this run. */
  id: string | null
  /** Whether it hit anything. */
  landed: boolean
  /** Whether the data plane confirmed that it is gone; true if it never was there. */
  removed: boolean
  counters: FaultCounters | null
  /** How its delays were spread, asked for and achieved; null if it delayed nothing. */
  delays: FaultFigures['delays']
}

/**
 * Which share of the traffic did without a new handshake, and for how long: how much of an outage connections and sessions
 * of before hide. After an incident, in which everybody had to shake hands anew, it is drawn from the baseline, as if the
 * fault had begun with it and touched new handshakes only; where they went on through the fault, from the fault phase itself.
 */
export interface Survival extends Pick<SurvivorReading, 'old' | 'resumed' | 'fresh' | 'lastOld' | 'lastResumed' | 'subject'> {
  from: 'baseline' | 'fault'
  /** Whether a resumed session escapes the fault, as it does a certificate that is not shown again. */
  sessions: boolean
  /** How long was watched, in milliseconds. */
  watched: number
  /** `old`, `resumed` and `fresh` together: what was seen to come behind TLS. */
  n: number
  /** The share of `n` that went on, or would have. */
  share: number
  /** When the last of those began, in milliseconds from the start of what was watched; null if there was none. */
  last: number | null
  /** All of it in one sentence. */
  words: string
}

/** What a run found out about TLS at one proxy. */
export interface TlsFinding {
  at: string
  phases: { name: string, handshakes: HandshakeReading }[]
  /** null if no traffic was seen to come behind TLS, or there was no tls fault here. */
  survival: Survival | null
}

/** Whether all is as it was before the faults, confirmed after the recovery phase. null: it could not be asked, or seen. */
export interface Restored {
  /** No fault of the run is active, asked of the data plane. */
  faultsGone: boolean | null
  /** How many requests or connections that the faults hit are not over yet. */
  heldByFaults: number | null
  /** Every objective was seen to hold again, or never ceased to. */
  recovered: boolean | null
}

/** Whom one fault of a rehearsal would have hit. */
export interface Rehearsed {
  /** The fault's id, and the proxy it is on. */
  fault: string
  on: string
  eligible: number
  /** Of those, the ones that it would have hit. */
  hit: number
  /** What the rest of this is drawn from: the last decisions that the proxy keeps, and whether that is all of them. */
  decisions: number
  complete: boolean
  /** On how many connections of clients those were that it would have hit. */
  connections: number
  /** The most frequently hit first, ten at most; ids in paths are written `*`. Empty where no requests are seen. */
  routes: { route: string, n: number, hit: number }[]
}

/** Everything a run found out. Plain data: the last line of the journal, and what reports are drawn from. */
export interface RunResult {
  id: string
  title: string
  outcome: RunOutcome
  exitCode: number
  /** In plain words, most important first. */
  reasons: string[]
  /** What to keep in mind when reading the figures (fault and measurement on one listener, traffic changed, ...). */
  notes: string[]
  seed: number
  /** SHA-256 of the document, taken before the run. */
  documentHash: string
  startedAt: string
  endedAt: string
  /** How long it took, in milliseconds, whatever somebody did to the wall clock meanwhile. */
  took: number
  at: string
  source: 'proxy' | 'load'
  /** Where samples came from, beside the traffic; what they said is with each phase. */
  sources: SourceResult[]
  objectives: ObjectiveResult[]
  /** null if the faults were never there, or nothing was counted. */
  comparison: Comparison | null
  /** Where the objectives break, if that was searched; null if not. */
  limit: LimitResult | null
  /** null if the faults were never there. */
  detection: DetectionResult | null
  /** One for each objective; none if the faults were never there. */
  paging: Paging[]
  /** null without a budget in the document, or a baseline to tell its size. */
  budget: BudgetResult | null
  faults: FaultResult[]
  /** null if this was no rehearsal. */
  rehearsal: Rehearsed[] | null
  /** null if no fault was injected. */
  restored: Restored | null
  phases: PhaseReading[]
  /** One for each proxy with a tls fault, and for `at` if handshakes are judged. */
  tls: TlsFinding[]
  load: LoadSummary | null
  /** premortem's own event-loop lag during the run, in milliseconds. */
  lag: { p50: number, p99: number, max: number }
  folder: string
}
