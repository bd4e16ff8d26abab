import type { Options } from 'yargs'
import { PremortemError } from '../kernel/errors.ts'
import type { Args } from './command.ts'
import { text } from './command.ts'

const LARGEST = 0xffffffff

/** The option of commands that start a run. */
export const seedOption: Record<string, Options> = {
  seed: { type: 'string', requiresArg: true, describe: 'seed of the run\'s random choices; a fresh one if left out' }
}

/** The seed that was given, if any. Throws PMT_ERR_USAGE. */
export function readSeed (args: Args): number | undefined {
  const written = text(args, 'seed')
  if (written === undefined) return undefined
  const seed = Number(written)
  if (/^\d+$/.test(written) && seed <= LARGEST) return seed
  throw new PremortemError('PMT_ERR_USAGE', { message: 'not a seed', path: '--seed', found: written, wanted: `a whole number from 0 to ${LARGEST}` })
}
