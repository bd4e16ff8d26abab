import { existsSync } from 'node:fs'
import { CHAOSPROMETHEUS } from './chaosprometheus.ts'
import { CHAOSTOXI } from './chaostoxi.ts'
import { expandHome } from './executable.ts'
import { ActivityFailed } from './failure.ts'
import type { ProviderTools } from './provider.ts'
import { isObject } from './python.ts'
import type { PythonFunction } from './python-functions.ts'
import type { ToxiproxyApi } from './toxiproxy.ts'
import type { Json, JsonObject, Scope } from './types.ts'

/** What the Python functions that premortem does itself need. */
export interface ShimTools extends ProviderTools {
  scope: Scope
  /** Where chaostoxi acts; null if there is nothing. */
  toxiproxy: ToxiproxyApi | null
}

interface Shim extends PythonFunction { does: (args: JsonObject, tools: ShimTools, signal: AbortSignal) => Promise<Json> | Json }

const SHIMS: Readonly<Record<string, Shim>> = {
  'os.path.exists': { takes: ['path'], needs: ['path'], does: ({ path }, { env }) => existsSync(expandHome(String(path), env)) },
  'chaosaddons.utils.idle.idle_for': {
    takes: ['duration'],
    needs: ['duration'],
    does: async ({ duration }, { clock }, signal) => {
      await clock.sleep(Math.max(0, Number(duration)) * 1000, signal)
      return null
    }
  },
  ...Object.fromEntries(Object.entries(CHAOSTOXI).map(([name, { takes, needs, does }]): [string, Shim] => [name, {
    takes,
    needs,
    does (args, { toxiproxy, scope, env }) {
      if (toxiproxy === null) throw new ActivityFailed('there is no premortem to act on')
      return does(args, { toxiproxy, configuration: scope.configuration, env })
    }
  }])),
  ...Object.fromEntries(Object.entries(CHAOSPROMETHEUS).map(([name, { takes, needs, does }]): [string, Shim] =>
    [name, {
      takes, needs, does: (args, tools, signal) => does(args, { ...tools, configuration: tools.scope.configuration }, signal)
    }]))
}

/** Every Python function that a provider may name here, by module and function. */
export const PYTHON_FUNCTIONS: Readonly<Record<string, PythonFunction>> = SHIMS

/** Does what a Python provider says, if premortem can. Throws ActivityFailed, and the signal's reason. */
export async function runPython (provider: JsonObject, tools: ShimTools, signal: AbortSignal): Promise<Json> {
  const { module, func, arguments: args } = provider
  const name = `${String(module)}.${String(func)}`
  const shim = Object.hasOwn(SHIMS, name) ? SHIMS[name] : undefined
  if (shim === undefined) throw new ActivityFailed(`premortem has nothing of its own for ${name}`)
  return await shim.does(isObject(args) ? args : {}, tools, signal)
}
