import { loadConfig } from '../config/load.ts'
import { DEFAULT_DATA } from '../config/schema.ts'
import type { Options } from 'yargs'
import type { Args } from './command.ts'
import { text } from './command.ts'
import { findConfig } from './control.ts'

/** The option of commands that read the runs of this machine. */
export const dataOption: Record<string, Options> = {
  data: { type: 'string', requiresArg: true, describe: `data folder (that of the configuration, else ${DEFAULT_DATA})` }
}

/** Where the data is: what the flag says, else the configuration, else the usual folder. Throws what `loadConfig` throws. */
export async function dataFolder (args: Args): Promise<string> {
  const named = text(args, 'data')
  if (named !== undefined) return named
  const config = text(args, 'config') ?? findConfig()
  return config === undefined ? DEFAULT_DATA : (await loadConfig(config)).data
}
