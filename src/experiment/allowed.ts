import { PremortemError } from '../kernel/errors.ts'
import type { SourceSpec } from './sources.ts'

/** What whoever starts an experiment may have done in this process's name. */
export interface Allowed {
  /** Run programs, and send any variable of the environment elsewhere as a token. */
  process: boolean
}

/** Nothing of the kind: what comes over the control API, unless its owner has said otherwise. */
export const NOT_ALLOWED: Allowed = { process: false }

/** Whoever uses this process on their own machine can do all that without it. */
export const OWNER: Allowed = { process: true }

/** Variables that are there to be named in experiments. */
const OURS = /^PREMORTEM_/

/** Why sources cannot be asked here: PMT_ERR_PROCESS_FORBIDDEN and PMT_ERR_INVALID, each with its path in the document. */
export function checkSources (
  sources: readonly SourceSpec[], allowed: Allowed, env: Readonly<Record<string, string | undefined>> = process.env
): PremortemError[] {
  return sources.flatMap((spec) => {
    const path = `steady-state.sources.${spec.name}`
    if (spec.type === 'process' && !allowed.process) {
      return [new PremortemError('PMT_ERR_PROCESS_FORBIDDEN', { path: `${path}.process`, found: spec.command[0], wanted: 'a source of http or prometheus' })]
    }
    if (spec.type !== 'prometheus' || spec.tokenEnv === undefined) return []
    const at = { path: `${path}.token-env`, found: spec.tokenEnv }
    if (!allowed.process && !OURS.test(spec.tokenEnv)) {
      return [new PremortemError('PMT_ERR_PROCESS_FORBIDDEN', { message: 'experiments that come over the control API may send no such variable elsewhere', ...at, wanted: 'a variable whose name begins with PREMORTEM_' })]
    }
    return env[spec.tokenEnv] ? [] : [new PremortemError('PMT_ERR_INVALID', { message: 'the environment variable is not set', ...at, wanted: 'one that holds the token, where premortem runs' })]
  })
}
