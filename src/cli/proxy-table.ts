import type { ProxyView } from '../proxy/view.ts'
import { columns } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'

/** Proxies as a table for people. */
export function proxyTable (proxies: readonly ProxyView[], look: Look): string {
  if (proxies.length === 0) return 'there is no proxy'
  return columns([
    ['proxy', 'listen', 'protocol', 'connections', 'faults', 'upstream'],
    ...proxies.map((proxy) => [
      proxy.name, proxy.enabled ? proxy.listen : `${proxy.listen} (disabled)`, proxy.protocol, String(proxy.connections), String(proxy.faults.length), proxy.upstream.map(nodeWords).join(', ')
    ])
  ], look, { right: [3, 4] }).join('\n')
}

const nodeWords = ({ name, address }: ProxyView['upstream'][number]): string => name === address ? address : `${name}=${address}`
