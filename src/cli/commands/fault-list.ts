import type { FaultView } from '../../proxy/view.ts'
import { defineCommand, text } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'
import { faultTable } from '../fault-table.ts'

/** Shows the active faults. */
export const faultList = defineCommand<FaultView[]>({
  usage: {
    command: 'fault list [proxy]',
    summary: 'Shows the active faults of one proxy, or of all',
    positionals: { proxy: { type: 'string', describe: 'the proxy; all of them if left out' } },
    options: controlOptions,
    examples: [['fault list', 'what is broken right now']]
  },
  async run (args, context) {
    const client = openClient(args, context)
    const proxy = text(args, 'proxy')
    return proxy === undefined ? (await client.state()).faults : client.faults(proxy)
  },
  views: { human: faultTable, json: (faults) => faults }
})
