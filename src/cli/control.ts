import { existsSync } from 'node:fs'
import type { Options } from 'yargs'
import { ControlClient } from '../api/client.ts'
import { loadConfig, readToken } from '../config/load.ts'
import { DEFAULT_CONTROL, controlUrl } from '../config/schema.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { Args, Context } from './command.ts'
import { text } from './command.ts'
import { createEmbeddedTarget } from './embedded.ts'
import { createLogger } from './log.ts'
import { createRemoteTarget } from './remote.ts'
import type { Target } from './target.ts'

/** Where the control API is when nobody says. */
const DEFAULT_URL = `http://${DEFAULT_CONTROL}`

/** Where a configuration is looked for when nobody says. */
const CONFIG_FILES = ['premortem.yaml', 'config/premortem.yaml']

/** Where to look when nobody says: a control API, then files. */
const USUAL = { url: DEFAULT_URL, files: CONFIG_FILES }

/** Options of commands that talk to a running sidecar. */
export const controlOptions: Record<string, Options> = {
  control: { type: 'string', requiresArg: true, describe: `control API of a running sidecar (PREMORTEM_CONTROL, else ${DEFAULT_URL})` },
  'token-file': { type: 'string', requiresArg: true, describe: 'file with the token it asks for' }
}

/** The option of commands that can do without a running sidecar. */
export const configOption: Record<string, Options> = {
  config: { type: 'string', requiresArg: true, describe: 'configuration to start premortem from, in this process' }
}

/** Whether somebody said, by flag or environment, which sidecar to talk to. */
export function controlIsGiven (args: Args, context: Context): boolean {
  return text(args, 'control') !== undefined || Boolean(context.env.PREMORTEM_CONTROL)
}

/** A client of the sidecar that the flags or the environment name, or of the usual address. */
export function openClient (
  args: Args, context: Context, { usual = DEFAULT_URL, timeout }: { usual?: string, timeout?: number } = {}
): ControlClient {
  const flag = text(args, 'control')
  const written = flag ?? (context.env.PREMORTEM_CONTROL || usual)
  const url = controlUrl(/^https?:\/\//.test(written) ? written : `http://${written}`, flag === undefined ? 'PREMORTEM_CONTROL' : '--control')
  const file = text(args, 'token-file')
  return new ControlClient(url, { token: file === undefined ? undefined : readToken(file, '--token-file'), timeout })
}

/** The configuration file that is there when nobody names one. */
export function findConfig (files: readonly string[] = CONFIG_FILES): string | undefined {
  return files.find((file) => existsSync(file))
}

/** How long a sidecar at the usual address may take to answer before it counts as absent, in milliseconds. */
const PROBE_DEADLINE = 500

/** Where something is to run: a sidecar elsewhere, or a configuration to start from in this process. */
export type Place = { client: ControlClient } | { config: string }

/**
 * Where an experiment is to run: what the flags say, else PREMORTEM_CONTROL, else a sidecar at the usual address, else
 * a configuration at the usual place. Says on stderr what nobody asked for. Throws PMT_ERR_USAGE if there is nothing.
 */
export async function openTarget (args: Args, context: Context, usual = USUAL): Promise<Target> {
  const place = await choosePlace(args, context, usual)
  return 'client' in place ? createRemoteTarget(place.client, context.clock) : await embed(place.config, context)
}

/** The same, with nothing opened yet. */
export async function choosePlace (args: Args, context: Context, { url, files } = USUAL): Promise<Place> {
  const config = text(args, 'config')
  if (config !== undefined && text(args, 'control') !== undefined) {
    throw new PremortemError('PMT_ERR_USAGE', { message: '--control and --config exclude each other', found: 'both', wanted: 'a running sidecar, or a configuration to start from' })
  }
  if (config !== undefined) return { config }
  if (controlIsGiven(args, context)) return { client: openClient(args, context) }
  if (await answers(openClient(args, context, { usual: url, timeout: PROBE_DEADLINE }))) {
    remark(context, `using the sidecar at ${url}`)
    return { client: openClient(args, context, { usual: url }) }
  }
  const found = findConfig(files)
  if (found !== undefined) {
    remark(context, `no sidecar at ${url}; using ${found} in this process`)
    return { config: found }
  }
  throw new PremortemError('PMT_ERR_USAGE', {
    message: 'there is no premortem to run this on',
    found: `nothing at ${url}, no ${files.join(' and no ')}`,
    wanted: '--control URL (a running sidecar), --config FILE (one in this process), or PREMORTEM_CONTROL in the environment',
    hint: 'premortem demo needs none of them'
  })
}

// One that wants another token is one that answers.
async function answers (client: ControlClient): Promise<boolean> {
  try {
    await client.halted()
    return true
  } catch (error) {
    return error instanceof PremortemError && error.code !== 'PMT_ERR_CONTROL_UNREACHABLE'
  }
}

async function embed (file: string, context: Context): Promise<Target> {
  return createEmbeddedTarget(await loadConfig(file), createLogger(context.stderr, 'warn'))
}

function remark (context: Context, words: string): void {
  context.stderr.write(`premortem: ${words}\n`)
}
