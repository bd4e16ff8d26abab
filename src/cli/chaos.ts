import { hostname, platform, release } from 'node:os'
import type { Options } from 'yargs'
import { openEventLog } from '../adapters/chaos-toolkit/event-log.ts'
import { runProvider } from '../adapters/chaos-toolkit/activity.ts'
import type { ActivityTools } from '../adapters/chaos-toolkit/activity.ts'
import { ChaosCrash, Interruption } from '../adapters/chaos-toolkit/failure.ts'
import { experimentHash } from '../adapters/chaos-toolkit/hash.ts'
import { loadChaosText } from '../adapters/chaos-toolkit/load.ts'
import { NativePart, readNative } from '../adapters/chaos-toolkit/native.ts'
import { readOverrides } from '../adapters/chaos-toolkit/overrides.ts'
import { createRedactor } from '../adapters/chaos-toolkit/redact.ts'
import { runChaos } from '../adapters/chaos-toolkit/run.ts'
import type { ChaosOptions, ChaosResult } from '../adapters/chaos-toolkit/run.ts'
import { readSafeguards } from '../adapters/chaos-toolkit/safeguards.ts'
import { loadScope, secretTexts } from '../adapters/chaos-toolkit/scope.ts'
import { DRY_MODES, HYPOTHESIS_STRATEGIES, ROLLBACK_STRATEGIES } from '../adapters/chaos-toolkit/strategies.ts'
import { NO_SCOPE, substitute } from '../adapters/chaos-toolkit/substitution.ts'
import type { ChaosExperiment } from '../adapters/chaos-toolkit/types.ts'
import { validateChaosText } from '../adapters/chaos-toolkit/validate.ts'
import { createRunId } from '../experiment/journal.ts'
import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import { createRandom, freshSeed } from '../kernel/random.ts'
import { actsOnProxies, openChaosPlace } from './chaos-place.ts'
import type { Args, Context } from './command.ts'
import { given, text, texts } from './command.ts'
import { printError } from './print-error.ts'

const own = (describe: string, more: Options = {}): Options => ({ type: 'string', requiresArg: true, group: 'Chaos Toolkit experiments:', describe, ...more })
const flag = (describe: string): Options => ({ type: 'boolean', group: 'Chaos Toolkit experiments:', describe })

/** What a run of a Chaos Toolkit experiment takes beside its file. */
export const chaosOptions: Record<string, Options> = {
  'journal-path': own('where the journal is written (./journal.json)'),
  var: own('KEY=VALUE or KEY:TYPE=VALUE over the configuration; may be given several times'),
  'var-file': own('file with configuration and secrets (JSON, YAML), or with lines for the environment; several times'),
  'hypothesis-strategy': own('when the hypothesis is verified', { choices: [...HYPOTHESIS_STRATEGIES, 'continously'] }),
  'hypothesis-frequency': own('seconds between two verifications while the method runs (1)'),
  'fail-fast': flag('end the method when the hypothesis is not met while it runs'),
  'rollback-strategy': own('when rollbacks are played', { choices: [...ROLLBACK_STRATEGIES] }),
  dry: own('rehearse: leave out probes, actions, both (activities), or only the pauses', { choices: [...DRY_MODES] }),
  compat: own('do everything as the Chaos Toolkit does, exit codes too', { choices: ['chaostoolkit'] }),
  'no-verify-tls': flag('take any certificate of a service')
}

/** How long an activity that says nothing may take, in milliseconds. */
const TIMEOUT = 30_000

/** What came of it: a result, or null for what was refused under `--compat` and has been said. */
export interface ChaosRan { compat: boolean, result: ChaosResult | null }

/** The options of Chaos Toolkit experiments that were given. */
export function chaosOptionsGiven (args: Args): string[] {
  return Object.keys(chaosOptions).filter((name) => args[name] !== undefined && args[name] !== false)
}

/** The exit code: the verdict, or under `--compat` the Chaos Toolkit's. */
export const chaosExit = ({ result }: ChaosRan): number => result === null ? 1 : result.exitCode

/** Runs an experiment of the Chaos Toolkit. Throws PMT_ERR_USAGE, PMT_ERR_CHAOS_TOOLKIT and PMT_ERR_FILE_UNREADABLE. */
export async function runChaosFile (file: string, args: Args, context: Context): Promise<ChaosRan> {
  if (text(args, 'seed') !== undefined) {
    throw new PremortemError('PMT_ERR_USAGE', { message: 'an experiment of the Chaos Toolkit has no seed', path: '--seed', found: text(args, 'seed'), wanted: 'no --seed' })
  }
  const compat = text(args, 'compat') !== undefined
  try {
    return { compat, result: await runFile(file, args, context, compat) }
  } catch (error) {
    const known = error instanceof ChaosCrash || (error instanceof PremortemError && error.code !== 'PMT_ERR_USAGE')
    if (!compat || !known) throw error
    context.stderr.write(`${error instanceof ChaosCrash ? `premortem: ${error.message}` : printError(error, context.look, { json: context.json })}\n`)
    return { compat, result: null }
  }
}

async function runFile (file: string, args: Args, context: Context, compat: boolean): Promise<ChaosResult> {
  const { clock } = context
  const { overrides, env: added } = await readOverrides(texts(args, 'var'), texts(args, 'var-file'))
  const env = { ...context.env, ...added }
  const written = await loadChaosText(file, { token: env.CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN })
  const { experiment, warnings } = validateChaosText(written, env)
  const options = optionsOf(args, experiment, compat)
  const interrupt = listen(context.signal)
  let redact = createRedactor([])
  const say = (words: string): void => {
    if (!context.json) context.stderr.write(`premortem: ${redact(words)}\n`)
  }
  for (const warning of warnings) say(`warning: ${warning}`)
  let close = async (): Promise<void> => {}
  try {
    const tools: ActivityTools = {
      clock, env, verifyTls: !given(args, 'no-verify-tls'), timeout: compat ? null : TIMEOUT, scope: NO_SCOPE, dry: options.dry, toxiproxy: null
    }
    const scope = await loadScope(experiment, overrides, {
      env,
      warn: (words) => say(`warning: ${words}`),
      runProbe: (probe, known) => runProvider(probe, { ...tools, scope: known }, interrupt.signal).catch(() => undefined)
    })
    redact = createRedactor(secretTexts(scope))
    const hash = experimentHash(experiment.document)
    const spec = compat || (options.dry !== null && options.dry !== 'pause') ? null : readNative(experiment.extensions)
    const needed = { toxiproxy: actsOnProxies(experiment), plane: spec !== null }
    const place = await openChaosPlace(args, context, scope.configuration, needed)
    close = place.close
    const native = spec === null ? null : new NativePart(spec, { plane: place.plane!, clock, ...nativeNames(clock) })
    await native?.check()
    const log = openEventLog({ file: text(args, 'journal-path') ?? 'journal.json', clock, redact, late: compat })
    return await runChaos(experiment, options, {
      ...tools,
      scope,
      toxiproxy: place.toxiproxy,
      native,
      safeguards: readSafeguards(experiment.controls, env),
      interrupt: interrupt.end,
      log,
      hash,
      machine: { platform: `${platform()}-${release()}`, node: hostname() },
      title: String(substitute(experiment.title, scope)),
      say
    }, interrupt.signal)
  } finally {
    interrupt.release()
    await close()
  }
}

/** A name for this run's faults that no other has, and what their choices come from. */
function nativeNames (clock: Clock): { run: string, seed: number } {
  const seed = freshSeed()
  return { run: createRunId(clock.wall(), createRandom(seed)), seed }
}

function optionsOf (args: Args, { runtime }: ChaosExperiment, compat: boolean): ChaosOptions {
  const strategy = text(args, 'hypothesis-strategy')
  const seconds = Number(text(args, 'hypothesis-frequency') ?? 1)
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new PremortemError('PMT_ERR_USAGE', { message: 'not a frequency', path: '--hypothesis-frequency', found: text(args, 'hypothesis-frequency'), wanted: 'seconds between two verifications' })
  }
  return {
    hypothesis: (strategy === 'continously' ? 'continuously' : strategy ?? runtime?.hypothesis ?? 'default') as ChaosOptions['hypothesis'],
    rollbacks: (text(args, 'rollback-strategy') ?? runtime?.rollbacks ?? 'default') as ChaosOptions['rollbacks'],
    frequency: seconds * 1000,
    failFast: given(args, 'fail-fast'),
    dry: (text(args, 'dry') ?? null) as ChaosOptions['dry'],
    compat
  }
}

/** A signal that aborts with an Interruption: with the process's own, or on SIGUSR1 and, leaving rollbacks out, SIGUSR2. */
function listen (outer: AbortSignal): { signal: AbortSignal, end: (interruption: Interruption) => void, release: () => void } {
  const controller = new AbortController()
  const stop = (): void => controller.abort(new Interruption(String(outer.reason)))
  const first = (): void => controller.abort(new Interruption('interrupted by SIGUSR1'))
  const second = (): void => controller.abort(new Interruption('interrupted by SIGUSR2, which leaves rollbacks out', { rollbacks: false }))
  outer.addEventListener('abort', stop, { once: true })
  if (outer.aborted) stop()
  process.on('SIGUSR1', first).on('SIGUSR2', second)
  return {
    signal: controller.signal,
    end: (interruption) => controller.abort(interruption),
    release () {
      outer.removeEventListener('abort', stop)
      process.off('SIGUSR1', first).off('SIGUSR2', second)
    }
  }
}
