import { join } from 'node:path'
import { test } from 'tap'
import { loadConfig, overrideControl, readToken } from '../../src/config/load.ts'

test('YAML and JSON say the same', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'data: d\nproxies:\n  - { name: a, listen: 127.0.0.1:1, upstream: 127.0.0.1:2 }\n',
    'a.json': '{\n\t"data": "d",\n\t"proxies": [{ "name": "a", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2" }]\n}\n'
  })
  const yaml = await loadConfig(join(folder, 'a.yaml'))
  const json = await loadConfig(join(folder, 'a.json'))
  t.equal(yaml.file, join(folder, 'a.yaml'))
  t.same({ ...json, file: '' }, { ...yaml, file: '' })
})

test('errors say where', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'proxies:\n  - name: a\n    listen: 127.0.0.1:1\n    upstream: 127.0.0.1:2\n    protocol: udp\n' }), 'a.yaml')
  await t.rejects(loadConfig(file), { code: 'PMT_ERR_INVALID', details: { file, line: 5, column: 15, path: 'proxies.0.protocol', found: 'udp' } })
})

test('files that its faults name are relative to it', async (t) => {
  const proxies = (replay: string) => `proxies:\n  - { name: a, listen: 127.0.0.1:1, upstream: 127.0.0.1:2 }\n  - name: b\n    listen: 127.0.0.1:3\n    upstream: 127.0.0.1:4\n    faults: [{ type: hang }, { type: hang, replay: '${replay}' }]\n`
  const folder = t.testdir({ sub: { 'a.yaml': proxies('@../hits.txt'), 'bad.yaml': proxies('@../bad.txt'), 'none.yaml': proxies('@none.txt') }, 'hits.txt': '2\n4\n', 'bad.txt': '2\n\n-4\n' })
  t.same((await loadConfig(join(folder, 'sub', 'a.yaml'))).proxies[1]!.faults[1]!.replay, [2, 4])
  await t.rejects(loadConfig(join(folder, 'sub', 'bad.yaml')), { code: 'PMT_ERR_INVALID', details: { file: join(folder, 'bad.txt'), line: 3, path: 'proxies.1.faults.1.replay', found: '-4' } })
  await t.rejects(loadConfig(join(folder, 'sub', 'none.yaml')), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { file: join(folder, 'sub', 'none.txt'), path: 'proxies.1.faults.1.replay' } })
})

test('a file that is missing, a folder, and text that is no YAML are named', async (t) => {
  const folder = t.testdir({ 'bad.yaml': 'proxies: [\n' })
  await t.rejects(loadConfig(join(folder, 'none.yaml')), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { file: join(folder, 'none.yaml') } })
  await t.rejects(loadConfig(folder), { code: 'PMT_ERR_FILE_UNREADABLE', details: { file: folder } })
  await t.rejects(loadConfig(join(folder, 'bad.yaml')), { code: 'PMT_ERR_SYNTAX', details: { file: join(folder, 'bad.yaml'), line: 2 } })
})

test('a token file that is missing or empty is refused where it is named', async (t) => {
  const folder = t.testdir({ empty: ' \n', two: 'a b\n', good: 'secret\n' })
  const write = (name: string): string => {
    const inner = t.testdir({ empty: ' \n', two: 'a b\n', good: 'secret\n', 'c.yaml': `control:\n  token-file: ${join(folder, name)}\nproxies: []\n` })
    return join(inner, 'c.yaml')
  }
  for (const name of ['none', 'empty', 'two']) {
    await t.rejects(loadConfig(write(name)), { code: 'PMT_ERR_INVALID', details: { path: 'control.token-file', line: 2, column: 15 } }, name)
  }
  t.equal((await loadConfig(write('good'))).control.tokens.operator, 'secret')
  t.equal(readToken(join(folder, 'good')), 'secret')
})

test('the command line may choose another control address and token', async (t) => {
  const folder = t.testdir({ token: 'secret', 'c.yaml': 'proxies:\n  - { name: a, listen: 127.0.0.1:1, upstream: 127.0.0.1:2 }\n' })
  const config = await loadConfig(join(folder, 'c.yaml'))
  t.same(overrideControl(config, {}), config)
  t.match(overrideControl(config, { listen: '0.0.0.0:9', tokenFile: join(folder, 'token') }).control, { host: '0.0.0.0', port: 9, tokens: { operator: 'secret' } })
  t.throws(() => overrideControl(config, { listen: 'x' }), { code: 'PMT_ERR_INVALID', details: { path: '--listen', found: 'x' } })
  t.throws(() => overrideControl(config, { listen: '127.0.0.1:1' }), { code: 'PMT_ERR_INVALID', details: { path: '--listen' } })
  t.throws(() => overrideControl(config, { tokenFile: join(folder, 'none') }), { code: 'PMT_ERR_INVALID', details: { path: '--token-file' } })
})
