import type { HypothesisStrategy, RollbackStrategy } from './strategies.ts'

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** A mapping in JSON. */
export interface JsonObject { [key: string]: Json }

/** How an activity is done, as declared. */
export interface Provider extends JsonObject { type: 'http' | 'process' | 'python' }

/** A probe or an action, as declared; references are resolved. */
export interface Activity extends JsonObject { type: 'probe' | 'action', name: string, provider: Provider }

/** A reference to an activity that stands elsewhere in the file. */
export interface Reference extends JsonObject { ref: string }

/** A control: a hook in Python. `level` is the path of where it stands, such as `method.0`. */
export interface Control { name: string, module: string, arguments: Json, path: string }

/** What an activity may look values up in, by `${name}`: configuration first, then each group of secrets. */
export interface Scope { configuration: JsonObject, secrets: JsonObject }

/** An experiment of the Chaos Toolkit, checked. */
export interface ChaosExperiment {
  /** As declared. */
  document: JsonObject
  title: string
  description: string
  configuration: JsonObject
  secrets: JsonObject
  hypothesis: { title: string, probes: Activity[] } | null
  method: Activity[]
  rollbacks: (Activity | Reference)[]
  controls: Control[]
  extensions: JsonObject[]
  /** What `runtime` says; a half that is missing is `default`. */
  runtime: { hypothesis: HypothesisStrategy, rollbacks: RollbackStrategy } | null
}
