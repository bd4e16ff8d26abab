import { PremortemError } from '../../kernel/errors.ts'
import { defineCommand, given, text } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** Removes faults. */
export const faultRemove = defineCommand<{ proxy: string, removed: number }>({
  usage: {
    command: 'fault remove <proxy> [id]',
    summary: 'Removes one fault of a proxy, or all of them',
    positionals: {
      proxy: { type: 'string', demandOption: true, describe: 'the proxy it is on' },
      id: { type: 'string', describe: 'its id, as `premortem fault list` shows it' }
    },
    options: { all: { type: 'boolean', describe: 'every fault of the proxy' }, ...controlOptions },
    examples: [['fault remove payments --all', 'everything on payments is whole again']]
  },
  async run (args, context) {
    const client = openClient(args, context)
    const proxy = text(args, 'proxy')!
    const id = text(args, 'id')
    if ((id === undefined) === !given(args, 'all')) {
      throw new PremortemError('PMT_ERR_USAGE', { message: 'which fault is not clear', found: id === undefined ? 'neither an id nor --all' : 'an id and --all', wanted: 'an id, or --all' })
    }
    if (id === undefined) return { proxy, removed: await client.removeFaults(proxy) }
    await client.removeFault(proxy, id)
    return { proxy, removed: 1 }
  },
  views: {
    human: ({ proxy, removed }) => `removed ${removed} ${removed === 1 ? 'fault' : 'faults'} from ${proxy}`,
    json: (result) => result
  }
})
