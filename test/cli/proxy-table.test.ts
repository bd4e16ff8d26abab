import { test } from 'tap'
import { proxyTable } from '../../src/cli/proxy-table.ts'

test('proxies are a row each; a node without a name of its own is not named twice', async (t) => {
  const upstream = [{ name: 'one', address: '10.0.0.1:80' }, { name: '10.0.0.2:80', address: '10.0.0.2:80' }]
  const rows = proxyTable([{ name: 'edge', listen: '127.0.0.1:1', enabled: true, protocol: 'http', upstream, balance: 'round-robin', tls: { accept: 'none', originate: false }, never: [], tagged: null, explain: false, revision: 3, connections: 12, faults: [] }], { color: false, width: 80 })
  t.same(rows.split('\n').at(-1)!.trim().split(/ {2,}/), ['edge', '127.0.0.1:1', 'http', '12', '0', 'one=10.0.0.1:80, 10.0.0.2:80'])
})

test('a disabled proxy says so', async (t) => {
  const rows = proxyTable([{ name: 'edge', listen: '127.0.0.1:1', enabled: false, protocol: 'http', upstream: [], balance: 'round-robin', tls: { accept: 'none', originate: false }, never: [], tagged: null, explain: false, revision: 0, connections: 0, faults: [] }], { color: false, width: 80 })
  t.match(rows, '127.0.0.1:1 (disabled)')
})

test('no proxy is said in words', async (t) => {
  t.equal(proxyTable([], { color: false, width: 80 }), 'there is no proxy')
})
