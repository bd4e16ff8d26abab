import { existsSync } from 'node:fs'
import type { Clock } from '../../kernel/clock.ts'
import { expandHome } from './executable.ts'
import { ActivityFailed } from './failure.ts'
import { isObject } from './python.ts'
import type { Json, JsonObject } from './types.ts'

/** What the Python functions that premortem does itself need. */
export interface ShimTools { clock: Clock, env: Record<string, string | undefined> }

type Shim = (args: JsonObject, tools: ShimTools, signal: AbortSignal) => Promise<Json> | Json

const SHIMS: Readonly<Record<string, Shim>> = {
  'os.path.exists': ({ path }, { env }) => existsSync(expandHome(String(path), env)),
  'chaosaddons.utils.idle.idle_for': async ({ duration }, { clock }, signal) => {
    await clock.sleep(Math.max(0, Number(duration)) * 1000, signal)
    return null
  }
}

/** The names of those functions. */
export const SHIM_NAMES: readonly string[] = Object.keys(SHIMS)

/** Does what a Python provider says, if premortem can. Throws ActivityFailed, and the signal's reason. */
export async function runPython (provider: JsonObject, tools: ShimTools, signal: AbortSignal): Promise<Json> {
  const { module, func, arguments: args } = provider
  const name = `${String(module)}.${String(func)}`
  const shim = Object.hasOwn(SHIMS, name) ? SHIMS[name] : undefined
  if (shim === undefined) throw new ActivityFailed(`premortem has nothing of its own for ${name}`)
  return await shim(isObject(args) ? args : {}, tools, signal)
}
