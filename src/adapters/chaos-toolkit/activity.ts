import { ActivityFailed, Interruption } from './failure.ts'
import { runHttp } from './http.ts'
import { pythonTime } from './journal.ts'
import type { ActivityRun } from './journal.ts'
import { runProcess } from './process.ts'
import { isObject } from './python.ts'
import { runPython } from './shims.ts'
import type { ShimTools } from './shims.ts'
import type { DryMode } from './strategies.ts'
import { isEmptyScope, substitute } from './substitution.ts'
import type { Activity, Json, JsonObject, Scope } from './types.ts'

/** What doing activities needs. */
export interface ActivityTools extends ShimTools {
  dry: DryMode | null
  /** Told when an activity begins and when it has ended, with its entry in the journal so far. */
  note?: (run: ActivityRun) => void
}

/** Whether a rehearsal leaves an activity out. */
export function isDry ({ type }: Pick<Activity, 'type'>, dry: DryMode | null): boolean {
  return dry === 'activities' || (dry === 'actions' && type === 'action') || (dry === 'probes' && type === 'probe')
}

/**
 * Does an activity, its pauses before and after included, which its duration leaves out. Never throws: what goes wrong is in the
 * entry, and what the signal ends is failed.
 */
export async function runActivity (activity: Activity, tools: ActivityTools, signal: AbortSignal): Promise<ActivityRun> {
  const { clock, dry, note } = tools
  const left = isDry(activity, dry)
  const pauses = left || dry === 'pause' ? {} : pausesOf(activity, tools.scope)
  await pause(pauses.before, tools, signal)
  const run: ActivityRun = { activity, output: null, start: pythonTime(clock) }
  const began = clock.now()
  note?.(run)
  try {
    if (!left) {
      if (signal.aborted) throw signal.reason
      run.output = await runProvider(activity, tools, signal)
    }
    run.status = 'succeeded'
  } catch (error) {
    run.status = 'failed'
    run.exception = [linesOf(error)]
  }
  run.end = pythonTime(clock)
  run.duration = (clock.now() - began) / 1000
  note?.(run)
  await pause(pauses.after, tools, signal)
  return run
}

/** What an activity's provider gives. Throws ActivityFailed, and the signal's reason. */
export async function runProvider (activity: Activity, tools: ActivityTools, signal: AbortSignal): Promise<Json> {
  const { provider } = activity
  switch (provider.type) {
    case 'http': return await runHttp(fillHttp(provider, tools.scope), tools, signal)
    case 'process': return await runProcess(fillKeys(provider, ['arguments'], tools.scope), tools, signal)
    case 'python': return await runPython(fillKeys(provider, ['arguments'], tools.scope), tools, signal)
  }
}

function fillHttp (provider: JsonObject, scope: Scope): JsonObject {
  return fillKeys(provider, ['url', 'headers', 'timeout', ...(isEmptyScope(scope) ? [] : ['arguments'])], scope)
}

function fillKeys (provider: JsonObject, keys: readonly string[], scope: Scope): JsonObject {
  const filled = keys.filter((key) => Object.hasOwn(provider, key)).map((key) => [key, substitute(provider[key]!, scope)])
  return { ...provider, ...Object.fromEntries(filled) as JsonObject }
}

function pausesOf ({ pauses }: Activity, scope: Scope): { before?: Json | undefined, after?: Json | undefined } {
  const filled = substitute(pauses ?? {}, scope)
  return isObject(filled) ? filled : {}
}

async function pause (seconds: Json | undefined, { clock }: ActivityTools, signal: AbortSignal): Promise<void> {
  const ms = Number(seconds ?? 0) * 1000
  // What ends a pause also ends what comes next, and says so there.
  if (ms > 0) await clock.sleep(ms, signal).catch(() => {})
}

function linesOf (error: unknown): string {
  if (error instanceof ActivityFailed) return `chaoslib.exceptions.ActivityFailed: ${error.message}\n`
  if (error instanceof Interruption) return `chaoslib.exceptions.InterruptExecution: ${error.reason}\n`
  return error instanceof Error ? `${error.name}: ${error.message}\n` : `${String(error)}\n`
}
