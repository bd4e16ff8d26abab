import { join } from 'node:path'
import { test } from 'tap'
import { checkAddresses, controlUrl, decodeConfig, haltFileOf } from '../../src/config/schema.ts'
import type { PremortemError } from '../../src/kernel/errors.ts'

const proxy = (name: string, listen: string): object => ({ name, listen, upstream: '127.0.0.1:1' })
const noToken = (): string => { throw new Error('no token was asked for') }

function refusal (run: () => unknown): PremortemError['details'] & { code: string } {
  try {
    run()
  } catch (error) {
    const { code, message, details } = error as PremortemError
    return { code, ...details, message }
  }
  throw new Error('it was not refused')
}

test('a configuration has defaults', async (t) => {
  const config = decodeConfig({ proxies: [] }, noToken)
  t.same(config, {
    control: { host: '127.0.0.1', port: 8474, tokens: { operator: undefined, readOnly: undefined } },
    data: 'premortem.data',
    seed: undefined,
    ca: { folder: undefined, names: [] },
    protection: { never: [], tagged: undefined },
    proxies: [],
    toxiproxy: [],
    sidecars: [],
    schedule: [],
    windows: [],
    file: undefined
  })
})

test('tokens are read from their files, each by its path', async (t) => {
  const asked: string[] = []
  const config = decodeConfig({
    control: { listen: '0.0.0.0:1', 'token-file': 'a', 'read-only-token-file': 'b' },
    proxies: [],
    sidecars: [{ name: 'other', url: 'http://10.0.0.7:8474/', 'token-file': 'c' }]
  }, (file, path) => {
    asked.push(`${path}=${file}`)
    return file.toUpperCase()
  })
  t.same(config.control.tokens, { operator: 'A', readOnly: 'B' })
  t.same(config.sidecars, [{ name: 'other', url: 'http://10.0.0.7:8474', token: 'C' }])
  t.same(asked.sort(), ['control.read-only-token-file=b', 'control.token-file=a', 'sidecars.0.token-file=c'])
})

test('two proxies cannot have one name', async (t) => {
  t.match(refusal(() => decodeConfig({ proxies: [proxy('a', ':1'), proxy('b', ':2'), proxy('a', ':3')] }, noToken)), {
    code: 'PMT_ERR_INVALID', path: 'proxies.2.name', found: 'a', wanted: /proxies\.0/
  })
})

test('two sidecars cannot have one name', async (t) => {
  const sidecars = [{ name: 'x', url: 'http://a:1' }, { name: 'x', url: 'http://b:1' }]
  t.match(refusal(() => decodeConfig({ proxies: [], sidecars }, noToken)), { path: 'sidecars.1.name', found: 'x' })
})

test('two listeners cannot have one address', async (t) => {
  const at = (...listens: string[]): unknown => decodeConfig({ control: { listen: '127.0.0.1:9' }, proxies: listens.map((listen, i) => proxy(`p${i}`, listen)) }, noToken)
  t.match(refusal(() => at('127.0.0.1:1', '127.0.0.1:1')), { path: 'proxies.1.listen', found: '127.0.0.1:1', wanted: /that of p0/ })
  t.match(refusal(() => at('127.0.0.1:1', '0.0.0.0:1')), { path: 'proxies.1.listen' }, 'every interface takes the port from all')
  t.match(refusal(() => at(':1', '127.0.0.2:1')), { path: 'proxies.1.listen' })
  t.match(refusal(() => at('localhost:1', '127.0.0.1:1')), { path: 'proxies.1.listen' })
  t.match(refusal(() => at('127.0.0.1:9')), { path: 'proxies.0.listen', wanted: /the control API/ })
  t.doesNotThrow(() => at('127.0.0.1:1', '127.0.0.2:1', '127.0.0.1:2'))
  t.doesNotThrow(() => at('127.0.0.1:0', '127.0.0.1:0'), 'port 0 is another port each time')
})

test('a control address chosen last is the one that is named', async (t) => {
  const { proxies } = decodeConfig({ proxies: [proxy('a', '127.0.0.1:1')] }, noToken)
  t.match(refusal(() => checkAddresses({ host: '127.0.0.1', port: 1 }, proxies, { controlPath: '--listen' })), { path: '--listen', wanted: /that of a/ })
})

test('a control API has scheme, host and port, and nothing else', async (t) => {
  t.equal(controlUrl('http://10.0.0.7:8474/', 'x'), 'http://10.0.0.7:8474')
  t.equal(controlUrl('https://a.example', 'x'), 'https://a.example')
  for (const text of ['10.0.0.7:8474', 'ftp://a', 'http://u:p@a', 'http://a/v1', 'http://a/?x=1', 'http://a/#b', 'nonsense']) {
    t.match(refusal(() => controlUrl(text, 'sidecars.0.url')), { code: 'PMT_ERR_INVALID', path: 'sidecars.0.url', found: text }, text)
  }
})

test('what does not fit is refused with its path', async (t) => {
  t.match(refusal(() => decodeConfig(null, noToken)), { code: 'PMT_ERR_INVALID', found: null })
  t.match(refusal(() => decodeConfig({}, noToken)), { path: 'proxies', wanted: 'a list of proxies' })
  t.match(refusal(() => decodeConfig({ proxies: [], sidecar: [] }, noToken)), { path: 'sidecar', hint: 'did you mean `sidecars`?' })
  t.match(refusal(() => decodeConfig({ proxies: [{ ...proxy('a', ':1'), protocol: 'udp' }] }, noToken)), { path: 'proxies.0.protocol', found: 'udp', wanted: 'one of tcp, http, auto' })
  t.match(refusal(() => decodeConfig({ proxies: [], control: { listen: 'x' } }, noToken)), { path: 'control.listen', found: 'x' })
  t.match(refusal(() => decodeConfig({ proxies: [], seed: -1 }, noToken)), { path: 'seed', found: -1 })
  t.match(refusal(() => decodeConfig({ proxies: [{ ...proxy('a', ':1'), protocol: 'tcp', faults: [{ type: 'delay', delay: 1 }] }] }, noToken)), { code: 'PMT_ERR_FAULT_LAYER', path: 'proxies.0.faults.0.type' })
})

test('what is protected at the top is protected on every proxy that sees requests', async (t) => {
  const proxy = (name: string, port: number, more: object = {}) => ({ name, listen: `127.0.0.1:${port}`, upstream: '127.0.0.1:1', ...more })
  const { protection, proxies } = decodeConfig({
    never: '/healthz', tagged: 'x-premortem', proxies: [proxy('a', 1001, { never: ['/pay'] }), proxy('b', 1002, { protocol: 'tcp' })]
  }, noToken)
  t.same(protection, { never: ['/healthz'], tagged: 'x-premortem' })
  t.match(proxies, [{ never: ['/healthz', '/pay'], tagged: 'x-premortem' }, { never: [], tagged: undefined }])
  t.throws(() => decodeConfig({ never: ['/a', '/(/'], proxies: [] }, noToken), { code: 'PMT_ERR_INVALID', details: { path: 'never.1' } })
  t.throws(() => decodeConfig({ tagged: 'a b', proxies: [] }, noToken), { code: 'PMT_ERR_INVALID', details: { path: 'tagged', found: 'a b' } })
  t.throws(() => decodeConfig({ never: '/healthz', proxies: [proxy('a', 1001, { faults: [{ type: 'refuse' }] })] }, noToken), {
    code: 'PMT_ERR_FAULT_LAYER', details: { path: 'proxies.0.faults.0.type' }
  })
})

test('windows for every run, and the panic lever as a file', async (t) => {
  const read = (more: object) => decodeConfig({ proxies: [], ...more }, () => '')
  t.strictSame(read({}).windows, [])
  t.equal(haltFileOf(read({})), join('premortem.data', 'HALT'))
  t.equal(haltFileOf(read({ data: 'there' })), join('there', 'HALT'))
  t.equal(haltFileOf(read({ 'halt-file': '/run/stop' })), '/run/stop')
  t.match(read({ windows: [{ days: ['mon'], from: '10:00', to: '16:00', zone: 'Europe/Berlin' }] }).windows, [{ from: 600, to: 960 }])
  t.throws(() => read({ windows: [{ from: '10:00', to: '16:00', zone: 'Mars' }] }), { code: 'PMT_ERR_INVALID', details: { path: 'windows.0.zone' } })
})
