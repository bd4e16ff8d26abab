import type { Options } from 'yargs'
import { PremortemError } from '../kernel/errors.ts'
import { given, text } from './command.ts'
import type { Args } from './command.ts'
import type { HowToRun } from './target.ts'

/** Options of commands that run an experiment, beside what its document says. */
export const howToRunOptions: Record<string, Options> = {
  'outside-window': { type: 'string', requiresArg: true, describe: 'why it may run outside its windows; noted in the result' },
  shadow: { type: 'boolean', describe: 'a rehearsal: counts whom the faults would hit, and touches nothing' }
}

/** What was asked of the run. Throws PMT_ERR_USAGE. */
export function readHowToRun (args: Args): HowToRun {
  const outsideWindow = text(args, 'outside-window')
  if (outsideWindow?.trim() === '') {
    throw new PremortemError('PMT_ERR_USAGE', { message: '--outside-window says nothing', found: outsideWindow, wanted: 'a reason, such as "incident 4711 needs it now"' })
  }
  return { outsideWindow, ...given(args, 'shadow') ? { shadow: true } : {} }
}
