import { test } from 'tap'
import { Upstream } from '../../src/proxy/upstream.ts'

const nodes = (...names: string[]) => names.map((name, i) => ({ name, host: '127.0.0.1', port: i + 1 }))
const deal = (upstream: Upstream): string => upstream.deal().map((node) => node.name).join('')

test('round robin: each in turn, the others behind it in order', async (t) => {
  const upstream = new Upstream({ nodes: nodes('a', 'b', 'c'), balance: 'round-robin' })
  t.same(Array.from({ length: 4 }, () => deal(upstream)), ['abc', 'bca', 'cab', 'abc'])
})

test('round robin does not care how busy they are', async (t) => {
  const upstream = new Upstream({ nodes: nodes('a', 'b'), balance: 'round-robin' })
  upstream.nodes[0]!.connections = 100
  t.same([deal(upstream), deal(upstream)], ['ab', 'ba'])
})

test('least connections: the least busy first, in turn among equals', async (t) => {
  const upstream = new Upstream({ nodes: nodes('a', 'b', 'c'), balance: 'least-connections' })
  t.same([deal(upstream), deal(upstream), deal(upstream)], ['abc', 'bca', 'cab'])
  upstream.nodes[0]!.connections = 2
  upstream.nodes[1]!.connections = 1
  t.same([deal(upstream), deal(upstream), deal(upstream)], ['cba', 'cba', 'cba'])
  upstream.nodes[2]!.connections = 2
  t.equal(upstream.deal()[0]!.name, 'b')
})

test('a single node is always dealt', async (t) => {
  const upstream = new Upstream({ nodes: nodes('a'), balance: 'least-connections' })
  t.same([deal(upstream), deal(upstream)], ['a', 'a'])
})
