import type { FaultView } from '../../proxy/view.ts'
import { defineCommand, text, texts } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'
import { faultOptions, readFaults } from '../fault-words.ts'
import { faultTable } from '../fault-table.ts'

const TAKEN = Object.keys(controlOptions)

/** Sets faults by hand. */
export const faultAdd = defineCommand<FaultView[]>({
  usage: {
    command: 'fault add <proxy> <fault..>',
    summary: 'Sets a fault; it goes by itself when its ttl (5m) has passed',
    positionals: {
      proxy: { type: 'string', demandOption: true, describe: 'the proxy in front of the dependency' },
      fault: { type: 'string', array: true, demandOption: true, describe: 'a type of fault, then its key=value; repeat for more faults' }
    },
    options: { ...controlOptions, ...faultOptions(TAKEN) },
    examples: [
      ['fault add redis latency latency=100ms ttl=30s', 'redis answers 100 ms later for half a minute'],
      ['fault add payments status --status 503 --share 10% --match-path "/charge/**"', 'one charge in ten fails']
    ]
  },
  async run (args, context) {
    const client = openClient(args, context)
    const proxy = text(args, 'proxy')!
    const added: FaultView[] = []
    for (const fault of await readFaults(texts(args, 'fault'), args, TAKEN)) added.push(await client.addFault(proxy, fault))
    return added
  },
  views: { human: faultTable, json: (faults) => faults }
})
