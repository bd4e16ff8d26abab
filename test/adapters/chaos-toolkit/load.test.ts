import { join } from 'node:path'
import { test } from 'tap'
import { MockAgent } from 'undici'
import { holdsChaos, isUrl, loadChaosText } from '../../../src/adapters/chaos-toolkit/load.ts'

test('a file is read as PyYAML reads it, or as JSON', async (t) => {
  const folder = t.testdir({ 'e.yaml': 'a: yes\nb: 010\nc: 1:30\nd: y\ne: 2026-01-01\n', 'e.yml': 'a: on', 'e.json': '{"a": "yes"}', 'e.txt': 'a: 1', bad: '' })
  t.strictSame((await loadChaosText(join(folder, 'e.yaml'))).value, { a: true, b: 8, c: 90, d: 'y', e: '2026-01-01' })
  t.strictSame((await loadChaosText(join(folder, 'e.yml'))).value, { a: true })
  t.strictSame((await loadChaosText(join(folder, 'e.json'))).value, { a: 'yes' })
  await t.rejects(loadChaosText(join(folder, 'e.txt')), { message: /^InvalidSource: only files with json, yaml or yml/, details: { found: '.txt' } })
  await t.rejects(loadChaosText(join(folder, 'bad')), { message: /^InvalidSource/ })
  await t.rejects(loadChaosText(join(folder, 'none.json')), { code: 'PMT_ERR_FILE_NOT_FOUND' })
})

test('from the web the content type says what it is', async (t) => {
  const dispatcher = new MockAgent()
  dispatcher.disableNetConnect()
  t.teardown(() => dispatcher.close())
  const web = dispatcher.get('http://files.test')
  const serve = (path: string, type: string, body: string, status = 200): void => {
    web.intercept({ path, headers: { authorization: 'Bearer t' } }).reply(status, body, { headers: { 'content-type': type } })
  }
  const load = async (path: string): Promise<unknown> => (await loadChaosText(`http://files.test${path}`, { dispatcher, token: 't' })).value
  serve('/json', 'application/json; charset=utf-8', '{"a": "yes"}')
  serve('/yaml', 'text/yaml', 'a: yes')
  serve('/plain-json', 'text/plain', '{"a": "yes"}')
  serve('/plain-yaml', 'text/plain', 'a: yes')
  serve('/html', 'text/html', '<p>')
  serve('/gone', 'text/plain', 'no', 404)
  serve('/not-json', 'application/json', 'a: yes')
  t.strictSame(await load('/json'), { a: 'yes' })
  t.strictSame(await load('/yaml'), { a: true })
  t.strictSame(await load('/plain-json'), { a: 'yes' })
  t.strictSame(await load('/plain-yaml'), { a: true })
  await t.rejects(load('/html'), { message: /^InvalidSource: the type/, details: { found: 'text/html' } })
  await t.rejects(load('/gone'), { message: /^InvalidSource: .*status 404/ })
  await t.rejects(load('/not-json'), { code: 'PMT_ERR_SYNTAX' })
  await t.rejects(load('/nothing'), { message: /^InvalidSource: failed to fetch/ })
  t.ok(isUrl('HTTPS://x/e.json'))
  t.notOk(isUrl('e.json'))
})

test('which files are the Chaos Toolkit\'s', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'method: !!seq []', 'b.yaml': 'phases: {}', 'c.yaml': 'method: [' })
  t.ok(await holdsChaos(join(folder, 'a.yaml')))
  t.ok(await holdsChaos('https://x/e'))
  for (const name of ['b.yaml', 'c.yaml', 'none.yaml']) t.notOk(await holdsChaos(join(folder, name)), name)
})
