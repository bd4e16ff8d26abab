import type { HaltView } from '../../api/schemas/state.ts'
import { defineCommand, given, text } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** The panic lever. */
export const halt = defineCommand<HaltView>({
  usage: {
    command: 'halt',
    summary: 'Removes every fault, aborts every run, and lets nothing start until released',
    options: {
      reason: { type: 'string', requiresArg: true, describe: 'why, for those who wonder' },
      release: { type: 'boolean', conflicts: 'reason', describe: 'lets things start again' },
      ...controlOptions
    },
    examples: [
      ['halt --reason "customers complain"', 'stop breaking things, now'],
      ['halt --release', 'go on']
    ]
  },
  run (args, context) {
    const client = openClient(args, context)
    return given(args, 'release') ? client.release() : client.halt(text(args, 'reason'))
  },
  views: {
    human: ({ halted }) => halted === null ? 'released' : `halted since ${halted.since}: ${halted.reason}`,
    json: (state) => state
  }
})
