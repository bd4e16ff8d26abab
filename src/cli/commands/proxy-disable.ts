import type { ProxyView } from '../../proxy/view.ts'
import { defineCommand, text } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** Closes a proxy's port and resets its connections; faults and settings stay. */
export const proxyDisable = defineCommand<ProxyView>({
  usage: {
    command: 'proxy disable <proxy>',
    summary: 'Closes a proxy\'s port and resets its connections; faults and settings stay',
    positionals: { proxy: { type: 'string', demandOption: true, describe: 'the proxy' } },
    options: controlOptions,
    examples: [['proxy disable payments', 'connecting to payments is refused']]
  },
  run: (args, context) => openClient(args, context).patchProxy(text(args, 'proxy')!, { enabled: false }),
  views: { human: ({ name, listen }) => `${name} is disabled; ${listen} refuses connections`, json: (proxy) => proxy }
})
