import fc from 'fast-check'
import { test } from 'tap'
import { PremortemError } from '../../src/kernel/errors.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import {
  checkUnique, isSame, readChange, readPopulation, readToxiproxy, settingsAfter, settingsOf, toxicsOf, toxiproxyOf, upstreamOf
} from '../../src/proxy/toxiproxy.ts'
import { decodeToxic } from '../../src/faults/toxics.ts'
import { startProxy } from '../helpers/proxy.ts'

const least = { name: 'redis:6379@ü', upstream: 'somehost:12345' }

test('a proxy as it is asked for', async (t) => {
  t.strictSame(readToxiproxy(least), {
    name: 'redis:6379@ü', listen: '', node: { name: 'somehost:12345', host: 'somehost', port: 12345 }, enabled: true, toxics: undefined, path: 'listen'
  })
  const request = readToxiproxy({ NAME: 'a', Listen: ':1', upstream: '[::1]:2', enabled: false, toxics: [{ type: 'latency' }, { type: 'noop', name: 'n' }], color: 'red' }, '3')
  t.match(request, { name: 'a', listen: ':1', node: { host: '::1', port: 2 }, enabled: false, toxics: [{ id: 'latency_downstream' }, { id: 'n' }], path: '3.Listen' })
  t.equal(readToxiproxy({ ...least, enabled: null }).enabled, true)
})

test('what is missing is said in the words of Toxiproxy, the name first', async (t) => {
  for (const body of [{}, null, { upstream: 'a:1' }, { name: '' }, { name: null }]) t.throws(() => readToxiproxy(body), { code: 'PMT_ERR_INVALID', message: 'missing required field: name' })
  t.throws(() => readToxiproxy({ name: 'a' }), { message: 'missing required field: upstream' })
  t.throws(() => readPopulation([least, { name: 'b' }]), { message: 'missing required field: upstream at proxy 2', details: { path: '1' } })
  t.throws(() => readPopulation({}), { code: 'PMT_ERR_INVALID', message: 'not a list' })
  t.same(readPopulation([]), [])
})

test('bad input: its path, what was found', async (t) => {
  const table: [Record<string, unknown>, string, unknown][] = [
    [{ name: 5 }, 'name', 5], [{ name: 'a/b' }, 'name', 'a/b'], [{ upstream: 'nowhere' }, 'upstream', 'nowhere'], [{ upstream: 'host:0' }, 'upstream', 'host:0'],
    [{ upstream: ['a:1'] }, 'upstream', ['a:1']], [{ listen: 8080 }, 'listen', 8080], [{ enabled: 'true' }, 'enabled', 'true'], [{ toxics: {} }, 'toxics', {}],
    [{ toxics: [5] }, 'toxics.0', 5], [{ toxics: [{ type: 'latency', attributes: { latency: -1 } }] }, 'toxics.0.attributes.latency', -1],
    [{ toxics: [{ type: 'noop', name: 'x' }, { type: 'latency', name: 'x' }] }, 'toxics.1', 'x']
  ]
  for (const [change, path, found] of table) {
    t.throws(() => readToxiproxy({ ...least, ...change }, '4'), { code: 'PMT_ERR_INVALID', details: { path: `4.${path}`, found } }, JSON.stringify(change))
  }
  t.doesNotThrow(() => checkUnique(['a', 'b'], 'proxies', String))
})

test('where it listens: a literal of IPv4 if the name has one, all interfaces if there is no host', async (t) => {
  const at = async (listen: string) => settingsOf(readToxiproxy({ ...least, listen }))
  t.match(await at('localhost:0'), { host: '127.0.0.1', port: 0, protocol: 'auto', connectTimeout: 5000, faults: [] })
  t.match(await at(''), { host: '', port: 0 })
  t.match(await at(':8080'), { host: '', port: 8080 })
  t.match(await at('[::1]:80'), { host: '::1', port: 80 })
  t.match(await at('0.0.0.0:8666'), { host: '0.0.0.0', port: 8666 })
  await t.rejects(at('local373'), { code: 'PMT_ERR_ADDRESS', message: 'listen tcp: address local373: missing port in address' })
  await t.rejects(at('host:99999'), { code: 'PMT_ERR_ADDRESS', message: 'listen tcp: address host:99999: invalid address' })
  await t.rejects(at('no-such-host.invalid:80'), { code: 'PMT_ERR_ADDRESS', message: 'listen tcp: lookup no-such-host.invalid: no such host' })
})

test('a proxy of any origin is shown with its real address and the toxics set through this API', async (t) => {
  const { proxy, port } = await startProxy(t, { upstream: ['a=127.0.0.1:1', 'b=[::1]:2'], faults: [{ type: 'latency', latency: '1ms' }] })
  for (const [name, stream] of [['a', 'downstream'], ['b', 'upstream'], ['c', 'downstream']]) proxy.addFault(decodeToxic({ type: 'latency', name, stream }), { source: 'toxiproxy', ttl: Infinity })
  t.match(toxiproxyOf(proxy), { name: 'test', listen: `127.0.0.1:${port}`, upstream: '127.0.0.1:1,[::1]:2', enabled: true })
  t.same(toxicsOf(proxy).map(({ name }) => name), ['b', 'a', 'c'], 'upstream first, then as they were added')
  t.equal(upstreamOf(proxy.settings), '127.0.0.1:1,[::1]:2')
})

test('a change that leaves address and upstream as they are is none', async (t) => {
  const { proxy, port } = await startProxy(t, { upstream: '127.0.0.1:1', listen: 'localhost:0' })
  const after = async (written: unknown) => settingsAfter(proxy, readChange(written))
  t.equal(await after({ enabled: false, listen: `127.0.0.1:${port}`, upstream: '127.0.0.1:1' }), null)
  t.equal(await after({ listen: `localhost:${port}` }), null)
  t.equal(await after({ name: 'other', toxics: [] }), null)
  t.match(await after({ upstream: 'other:5' }), { name: 'test', host: 'localhost', port, protocol: 'http', enabled: true, nodes: [{ name: 'other:5', host: 'other', port: 5 }] })
  t.match(await after({ listen: '127.0.0.1:0', enabled: false }), { host: '127.0.0.1', port: 0, enabled: false, nodes: [{ host: '127.0.0.1', port: 1 }] })
  t.match(await after({ listen: '' }), { host: '', port: 0 })
  for (const wrong of [[], 5, { listen: 5 }, { upstream: 'x' }, { enabled: 1 }]) t.throws(() => readChange(wrong), { code: 'PMT_ERR_INVALID' })

  const settings = (listen: string, upstream = '127.0.0.1:1') => decodeProxy({ name: 'test', listen, upstream })
  t.ok(isSame(proxy, settings(`127.0.0.1:${port}`)))
  t.notOk(isSame(proxy, settings(`127.0.0.1:${port}`, '127.0.0.1:2')))
  t.notOk(isSame(proxy, settings('127.0.0.1:0')), 'port 0 is no place')
  t.notOk(isSame(proxy, settings(`127.0.0.2:${port}`)))
})

test('any junk decodes or is refused by PremortemError', async () => {
  const key = fc.constantFrom('name', 'listen', 'upstream', 'enabled', 'toxics', 'Name')
  fc.assert(fc.property(fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })), { maxKeys: 3 }), (changes) => {
    for (const read of [readToxiproxy, readChange, (body: unknown) => readPopulation([body])]) {
      try {
        read({ ...least, ...changes })
      } catch (error) {
        if (!(error instanceof PremortemError)) throw error
      }
    }
  }), { numRuns: 1000 })
})
