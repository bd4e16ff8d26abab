import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { overrideControl } from '../../src/config/load.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { addToxiproxyConfig } from '../../src/config/toxiproxy.ts'

const base = decodeConfig({ proxies: [{ name: 'edge', listen: '127.0.0.1:1', upstream: '127.0.0.1:2' }] }, () => '')

const write = (t: Test, text: string): string => join(t.testdir({ 'toxiproxy.json': text }), 'toxiproxy.json')

const REDIS = '"name": "redis", "listen": "localhost:26379", "upstream": "localhost:6379"'

test('proxies and the toxics in them, tabs and all', async (t) => {
  const file = write(t, `[\n\t{ ${REDIS},\n\t\t"enabled": false, "toxics": [{ "type": "latency", "attributes": { "latency": 100 } }] },\n\t{ "Name": "b:1", "upstream": "b:1" }\n]\n`)
  const config = await addToxiproxyConfig(base, file)
  t.equal(config.proxies, base.proxies)
  t.match(config.toxiproxy, [
    { settings: { name: 'redis', host: '127.0.0.1', port: 26379, protocol: 'auto', enabled: false }, toxics: [{ id: 'latency_downstream', params: { latency: 100 } }] },
    { settings: { name: 'b:1', host: '', port: 0, enabled: true }, toxics: [] }
  ])
  t.throws(() => overrideControl(config, { listen: '127.0.0.1:26379' }), { code: 'PMT_ERR_INVALID', details: { path: '--listen', wanted: /redis/ } })
  t.match((await addToxiproxyConfig(base, write(t, '[]'))).toxiproxy, [])
})

test('errors say where', async (t) => {
  const table: [string, Record<string, unknown>][] = [
    [`[{ ${REDIS} },\n  { "name": "b" }]`, { line: 2, column: 3, path: '1', message: 'missing required field: upstream at proxy 2' }],
    [`[{ ${REDIS},\n  "toxics": [{ "type": "latency",\n "attributes": { "latency": -5 } }] }]`, { line: 3, column: 29, path: '0.toxics.0.attributes.latency', found: -5 }],
    [`[{ ${REDIS},\n  "toxics": [{ "type": "nope" }] }]`, { line: 2, column: 24, path: '0.toxics.0.type', found: 'nope' }],
    ['[{ "name": "a", "upstream": "a:1",\n  "Listen": "local373" }]', { line: 2, column: 13, path: '0.Listen', found: 'local373' }],
    [`[{ ${REDIS} },\n  { "name": "redis", "upstream": "a:1" }]`, { line: 2, column: 13, path: '1.name', found: 'redis' }],
    ['[{ "name": "edge",\n "listen": ":0", "upstream": "a:1" }]', { line: 1, column: 12, path: '0.name', found: 'edge' }],
    ['[{ "name": "a", "upstream": "a:1",\n  "listen": "127.0.0.1:1" }]', { line: 2, column: 13, path: '0.listen', found: '127.0.0.1:1' }],
    ['[{ "name": "a", "upstream": "a:1",\n  "listen": "localhost:8474" }]', { line: 2, column: 13, path: '0.listen' }],
    ['{ "proxies": [] }', { line: 1, column: 1, path: '' }],
    ['[{ "name": "a",', { line: 1 }]
  ]
  for (const [text, { message = /./, ...where }] of table) {
    const file = write(t, text)
    await t.rejects(addToxiproxyConfig(base, file), { message: message as RegExp, details: { file, ...where } }, text)
  }
  await t.rejects(addToxiproxyConfig(base, 'no-such-file.json'), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { file: 'no-such-file.json' } })
})
