import type { ProxyView } from '../../proxy/view.ts'
import { defineCommand, text } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** Lets a proxy listen again, on the port it had. */
export const proxyEnable = defineCommand<ProxyView>({
  usage: {
    command: 'proxy enable <proxy>',
    summary: 'Lets a proxy listen again, on the port it had',
    positionals: { proxy: { type: 'string', demandOption: true, describe: 'the proxy' } },
    options: controlOptions,
    examples: [['proxy enable payments', 'payments takes connections again']]
  },
  run: (args, context) => openClient(args, context).patchProxy(text(args, 'proxy')!, { enabled: true }),
  views: { human: ({ name, listen }) => `${name} listens on ${listen}`, json: (proxy) => proxy }
})
