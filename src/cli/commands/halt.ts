import type { HaltView } from '../../api/schemas/state.ts'
import { readHaltFile, removeHaltFile, writeHaltFile } from '../../adapters/halt-file.ts'
import { loadConfig } from '../../config/load.ts'
import { haltFileOf } from '../../config/schema.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { defineCommand, given, text } from '../command.ts'
import type { Context } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** The panic lever. */
export const halt = defineCommand<HaltView>({
  usage: {
    command: 'halt',
    summary: 'Removes every fault, aborts every run, and lets nothing start until released',
    options: {
      reason: { type: 'string', requiresArg: true, describe: 'why, for those who wonder; must be given with --release' },
      release: { type: 'boolean', describe: 'lets things start again' },
      config: { type: 'string', requiresArg: true, conflicts: 'control', describe: 'by the HALT file of this configuration, whether or not anything runs' },
      ...controlOptions
    },
    examples: [
      ['halt --reason "customers complain"', 'stop breaking things, now'],
      ['halt --release --reason "it was not us"', 'go on']
    ]
  },
  async run (args, context) {
    const reason = text(args, 'reason')
    const release = given(args, 'release')
    if (release && reason === undefined) {
      throw new PremortemError('PMT_ERR_USAGE', { message: '--reason is missing', found: '--release alone', wanted: 'why things may start again, such as --reason "the pager was about something else"' })
    }
    const config = text(args, 'config')
    if (config !== undefined) return byFile(haltFileOf(await loadConfig(config)), release, reason, context)
    const client = openClient(args, context)
    return release ? client.release(reason!) : client.halt(reason)
  },
  views: {
    human: ({ halted }) => halted === null ? 'released' : `halted since ${halted.since}: ${halted.reason}`,
    json: (state) => state
  }
})

function byFile (file: string, release: boolean, reason: string | undefined, { clock }: Context): HaltView {
  if (release) {
    removeHaltFile(file)
    return { halted: null }
  }
  const since = new Date(clock.wall()).toISOString()
  const before = readHaltFile(file)
  if (before !== null) return { halted: { reason: before, since, by: 'file' } }
  const state = { reason: reason ?? 'premortem halt', since, by: 'file' } as const
  writeHaltFile(file, state)
  return { halted: state }
}
