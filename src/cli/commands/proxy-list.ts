import type { ProxyView } from '../../proxy/view.ts'
import { defineCommand } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'
import { proxyTable } from '../proxy-table.ts'

/** Shows the proxies of a running sidecar. */
export const proxyList = defineCommand<ProxyView[]>({
  usage: {
    command: 'proxy list',
    summary: 'Shows the proxies of a running sidecar',
    options: controlOptions,
    examples: [['proxy list', 'where each proxy listens and what stands behind it']]
  },
  run: (args, context) => openClient(args, context).proxies(),
  views: { human: proxyTable, json: (proxies) => proxies }
})
