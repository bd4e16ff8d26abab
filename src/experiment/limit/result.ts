import type { LevelVerdict } from './search.ts'

/** One objective at one level. */
export interface LevelObjective {
  objective: string
  verdict: LevelVerdict
  n: number
  bad: number
  /** n after allowing for dependence between them. */
  effective: number
  /** How strong the evidence is that it holds, and that it does not, as e-values; what each must reach is `needed`. */
  evidence: { held: number, breached: number }
  needed: { held: number, breached: number }
}

/** One value that was tried. */
export interface Level {
  value: number
  /** The value as people write it. */
  shown: string
  verdict: LevelVerdict
  /** `search`: to find the limit. `check`: beyond it, to see that it stays broken there. */
  purpose: 'search' | 'check'
  /** How long it was judged, in milliseconds, without settling. */
  ms: number
  objectives: LevelObjective[]
  /** What was counted a second, of the first objective; and whether that is what it was in the baseline. */
  rate: number
  sameTraffic: boolean
  /** How often the fault hit. */
  hits: number
  /** Why it stayed undecided, in words; null if it did not. */
  why: string | null
}

/** Where an objective breaks: what a search for it came to. Plain data. */
export interface LimitResult {
  /** Which fault of the document, where it is, and which of its parameters was raised. */
  fault: number
  on: string
  type: string
  parameter: string
  from: number
  to: number
  /** The harshest value that held; null if none did. */
  held: number | null
  /** The mildest value that was breached; null if none was. */
  breached: number | null
  /** The middle of the interval; null if an end is missing. */
  estimate: number | null
  /** The same as people write them. */
  shown: { held: string | null, breached: string | null, estimate: string | null, atLeast: string | null }
  /** What was asked for; null if nothing was. */
  atLeast: number | null
  /** With which confidence the limit is between the two, if what is harsher is never better. */
  confidence: number
  /** Whether the interval is as narrow as was asked for, or as the undecided levels in it allow. */
  complete: boolean
  levels: Level[]
  /** What it comes to: `held` if the limit was found, or is at least what was asked for. */
  verdict: LevelVerdict
  /** In plain words, the answer first. */
  words: string[]
}
