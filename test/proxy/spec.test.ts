import fc from 'fast-check'
import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { checkFault, decodeProxy, parseAddress } from '../../src/proxy/spec.ts'

const least = { name: 'edge', listen: '127.0.0.1:8080', upstream: '127.0.0.1:3000' }

test('the least, and what nobody said', async (t) => {
  t.strictSame(decodeProxy(least), {
    name: 'edge',
    host: '127.0.0.1',
    port: 8080,
    protocol: 'auto',
    tls: { accept: 'none', certificate: 'ca', names: [], originate: undefined, spec: undefined },
    nodes: [{ name: '127.0.0.1:3000', host: '127.0.0.1', port: 3000 }],
    balance: 'round-robin',
    connectTimeout: 5000,
    never: [],
    tagged: undefined,
    explain: false,
    enabled: true,
    faults: []
  })
})

test('everything', async (t) => {
  const settings = decodeProxy({
    name: 'payments', listen: ':0', protocol: 'http', balance: 'least-connections', 'connect-timeout': '250ms', enabled: false,
    upstream: ['a=127.0.0.1:4001', 'b=[::1]:4002', 'payments.internal:4003'], faults: [{ type: 'delay', delay: '1s', node: 'b' }]
  })
  t.match(settings, { name: 'payments', host: '', port: 0, protocol: 'http', balance: 'least-connections', connectTimeout: 250, enabled: false })
  t.strictSame(settings.nodes, [
    { name: 'a', host: '127.0.0.1', port: 4001 }, { name: 'b', host: '::1', port: 4002 }, { name: 'payments.internal:4003', host: 'payments.internal', port: 4003 }
  ])
  t.match(settings.faults, [{ node: 'b', params: { delay: 1000 } }])
})

test('bad input: its path, what was found, what was wanted', async (t) => {
  const table: [Record<string, unknown>, string, unknown][] = [
    [{ name: '' }, 'name', ''], [{ name: 'a b' }, 'name', 'a b'], [{ name: '-a' }, 'name', '-a'],
    [{ listen: '8080' }, 'listen', '8080'], [{ listen: 'x:99999' }, 'listen', 'x:99999'], [{ listen: '::1:80' }, 'listen', '::1:80'],
    [{ listen: 8080 }, 'listen', 8080], [{ protocol: 'udp' }, 'protocol', 'udp'], [{ balance: 'random' }, 'balance', 'random'],
    [{ upstream: '' }, 'upstream', ''], [{ upstream: [] }, 'upstream', []], [{ upstream: 'host' }, 'upstream', 'host'],
    [{ upstream: 'http://host:80' }, 'upstream', 'http://host:80'], [{ upstream: '=host:80' }, 'upstream', '=host:80'],
    [{ upstream: 'host:0' }, 'upstream', 'host:0'], [{ upstream: ':80' }, 'upstream', ':80'], [{ upstream: '\n' }, 'upstream', '\n'],
    [{ upstream: ['a:1', 'b'] }, 'upstream.1', 'b'], [{ upstream: ['a=h:1', 'a=h:2'] }, 'upstream', 'a, a'],
    [{ enabled: 'no' }, 'enabled', 'no'], [{ enabled: 1 }, 'enabled', 1], [{ 'connect-timeout': 'soon' }, 'connect-timeout', 'soon'], [{ never: ['/(/'] }, 'never.0', '/(/'], [{ never: [''] }, 'never', ['']],
    [{ tagged: 'x y' }, 'tagged', 'x y'], [{ tagged: '' }, 'tagged', ''], [{ explain: 'yes' }, 'explain', 'yes'],
    [{ protocol: 'tcp', never: '/a' }, 'never', '/a'], [{ protocol: 'tcp', tagged: 'x' }, 'tagged', 'x'], [{ protocol: 'tcp', explain: true }, 'explain', true], [{ faults: {} }, 'faults', {}], [{ faults: [5] }, 'faults.0', 5],
    [{ faults: [{ type: 'delay', delay: 'x' }] }, 'faults.0.delay', 'x']
  ]
  for (const [change, path, found] of table) {
    t.throws(() => decodeProxy({ ...least, ...change }, 'proxies.2'), {
      code: 'PMT_ERR_INVALID', details: { path: `proxies.2.${path}`, found }
    }, JSON.stringify(change))
  }
  t.throws(() => decodeProxy({ ...least, lisen: 'x' }), { message: 'unknown key `lisen`', hint: 'did you mean `listen`?' })
})

test('faults that the proxy cannot carry', async (t) => {
  t.throws(() => decodeProxy({ ...least, protocol: 'tcp', faults: [{ type: 'latency', latency: 1 }, { type: 'hang' }] }), {
    code: 'PMT_ERR_FAULT_LAYER', message: 'hang is an http fault and edge is a tcp proxy', details: { path: 'faults.1.type' }
  })
  t.throws(() => decodeProxy({ ...least, upstream: ['a=h:1', 'b=h:2'], faults: [{ type: 'refuse', node: 'c' }] }), {
    code: 'PMT_ERR_NODE_NOT_FOUND', details: { path: 'faults.0.node', found: 'c', wanted: 'one of a, b' }
  })
  t.doesNotThrow(() => checkFault(decodeProxy(least), decodeFault({ type: 'hang' })))
})

test('protected requests: a stream fault cannot spare them', async (t) => {
  for (const [protection, word] of [[{ never: '/healthz' }, 'never'], [{ tagged: 'x-premortem' }, 'tagged']] as const) {
    t.throws(() => decodeProxy({ ...least, ...protection, faults: [{ type: 'hang' }, { type: 'refuse' }] }), {
      code: 'PMT_ERR_FAULT_LAYER', message: `refuse acts on whole connections and cannot spare requests, which edge protects by \`${word}\``,
      hint: /protocol tcp/, details: { path: 'faults.1.type', found: 'refuse', wanted: 'an http fault' }
    })
  }
})

test('what the config protects, every proxy that sees requests protects', async (t) => {
  const defaults = { never: ['/healthz', '/admin/**'], tagged: 'x-premortem' }
  t.match(decodeProxy(least, '', defaults), { never: ['/healthz', '/admin/**'], tagged: 'x-premortem', explain: false })
  t.match(decodeProxy({ ...least, never: ['/pay', '/healthz'], tagged: 'x-mine=1', explain: true }, '', defaults), { never: ['/healthz', '/admin/**', '/pay'], tagged: 'x-mine=1', explain: true })
  t.match(decodeProxy({ ...least, protocol: 'tcp', faults: [{ type: 'refuse' }] }, '', defaults), { never: [], tagged: undefined })
})

test('addresses', async (t) => {
  t.strictSame(parseAddress('[fe80::1]:443', 'x', 1), { host: 'fe80::1', port: 443 })
  t.strictSame(parseAddress(':8080', 'x', 0), { host: '', port: 8080 })
  t.throws(() => parseAddress('host:0', 'a.b', 1), { code: 'PMT_ERR_INVALID', details: { path: 'a.b', found: 'host:0', wanted: /a port from 1 to 65535/ } })
})

test('any junk decodes or is refused by PremortemError', async () => {
  const junk = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.array(fc.string()), fc.constantFrom('a=b:1', 'x:65536', '[::1]:1', ':1'))
  const key = fc.constantFrom('name', 'listen', 'protocol', 'upstream', 'balance', 'connect-timeout', 'never', 'tagged', 'explain', 'faults')
  fc.assert(fc.property(fc.dictionary(key, junk, { maxKeys: 3 }), (changes) => {
    try {
      decodeProxy({ ...least, ...changes })
    } catch (error) {
      if (!(error instanceof PremortemError)) throw error
    }
  }), { numRuns: 2000 })
})
