import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { RunResult } from '../../../src/experiment/result.ts'
import { cli, startService, startSidecar } from '../harness.ts'

const experiment = (url: string, fault = 'delay: 1ms'): string => `title: A millisecond more
steady-state: { at: edge, objectives: [success >= 90%] }
load: { url: "${url}", rate: 100/s }
phases: { baseline: 1s, fault: 1s, recovery: 1s }
faults:
  - { type: delay, on: edge, ${fault} }
`

test('an experiment runs on a sidecar elsewhere; its report can be read there and in its folder', async (t) => {
  const { control, edge, data } = await startSidecar(t)
  const folder = t.testdir({ 'e.yaml': experiment(edge), 'plan.yaml': experiment(edge).replace('90%', '99.99%') })
  const ran = await cli(['run', join(folder, 'e.yaml'), '--seed', '7', '--json', '--control', control, '--junit', join(folder, 'ci', 'junit.xml'), '--markdown', join(folder, 'summary.md')])
  t.equal(ran.code, 0, ran.err)
  const result = JSON.parse(ran.out) as RunResult
  t.match(result, { outcome: 'held', exitCode: 0, seed: 7, at: 'edge', source: 'load', faults: [{ landed: true, removed: true }] })
  t.equal(ran.err, '')

  const [junit, markdown] = [join(folder, 'ci', 'junit.xml'), join(folder, 'summary.md')].map((file) => readFileSync(file, 'utf8'))
  t.match(junit, `<property name="run" value="${result.id}"/>`)
  t.match(markdown, /^### A millisecond more[^]*HELD/)
  t.equal((await cli(['report', result.id, '--control', control, '--format', 'junit', '--markdown', join(folder, 'again.md')])).out, junit)
  t.equal(readFileSync(join(folder, 'again.md'), 'utf8'), markdown)
  t.equal((await cli(['report', result.folder, '--format', 'markdown', '--junit', join(folder, 'again.xml')])).out, markdown)
  t.equal(readFileSync(join(folder, 'again.xml'), 'utf8'), junit)

  t.match(await cli(['report', 'latest', '--control', control]), { code: 0, out: /A millisecond more\n[^]*HELD/ })
  t.match(await cli(['report', result.id, '--data', data]), { code: 0, out: /HELD/ })
  t.same(JSON.parse((await cli(['report', result.folder, '--format', 'json'])).out), result)
  t.same(JSON.parse((await cli(['report', result.id, '--json', '--control', control])).out), result)
  t.match(await cli(['report', 'no-such-run', '--data', data]), { code: 2, err: /PMT_ERR_RUN_NOT_FOUND/ })
  t.match(await cli(['report', 'no-such-run', '--control', control]), { code: 2, err: /PMT_ERR_RUN_NOT_FOUND/ })

  t.match(await cli(['plan', join(folder, 'e.yaml'), '--control', control]), { code: 0, out: /can conclude\n[^]*success >= 90% +fault +100 / })
  t.match(await cli(['plan', join(folder, 'plan.yaml'), '--control', control]), { code: 3, out: /cannot conclude/ })
})

test('Ctrl-C interrupts the run there, and the result comes once its faults are gone', async (t) => {
  const { control, edge, premortem } = await startSidecar(t)
  const file = join(t.testdir({ 'e.yaml': experiment(edge).replace('fault: 1s', 'fault: 60s') }), 'e.yaml')
  const interrupt = new AbortController()
  t.teardown(premortem.events.subscribe(({ type }) => {
    if (type === 'fault.added') interrupt.abort('interrupted by SIGINT')
  }))
  const { code, out } = await cli(['run', file, '--control', control], { signal: interrupt.signal })
  t.equal(code, 130)
  t.match(out, /INTERRUPTED[^]*interrupted by SIGINT[^]*removed: confirmed/)
  t.same(premortem.proxies.get('edge').faultViews(), [])
})

test('an experiment runs in this process from a configuration', async (t) => {
  const port = await startService(t)
  const folder = t.testdir({
    'e.yaml': experiment(`http://127.0.0.1:${port}/`).replace('at: edge', 'at: edge, source: load'),
    'c.yaml': `data: ${join(t.testdirName, 'data')}\nproxies:\n  - { name: edge, listen: 127.0.0.1:0, protocol: http, upstream: 127.0.0.1:${port} }\n`
  })
  // The load goes past the proxy, so the fault hits nothing.
  const { code, out, err } = await cli(['run', join(folder, 'e.yaml'), '--config', join(folder, 'c.yaml')])
  t.equal(code, 6, err)
  t.match(out, /DID NOT LAND/)
})

test('what the file names and is not there is told with its line', async (t) => {
  const { control, edge } = await startSidecar(t)
  const file = join(t.testdir({ 'e.yaml': experiment(edge).replace('on: edge', 'on: egde') }), 'e.yaml')
  t.match(await cli(['run', file, '--control', control]), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND: .*e\.yaml:6:24 faults\.0\.on; found egde/ })
})

test('mistakes of the command line are told before anything runs', async (t) => {
  const file = join(t.testdir({ 'e.yaml': experiment('http://127.0.0.1:1/') }), 'e.yaml')
  t.match(await cli(['run', file, '--seed', '-1']), { code: 2, err: /PMT_ERR_USAGE: .*; at --seed; found -1/ })
  t.match(await cli(['run', file, '--config', 'a', '--control', 'b']), { code: 2, err: /exclude each other/ })
  t.match(await cli(['run', file, '--config', 'no-such-file']), { code: 2, err: /PMT_ERR_FILE_NOT_FOUND: .*no-such-file/ })
  t.match(await cli(['run', file, '--junit', file.replace('e.yaml', '')]), { code: 2, err: /PMT_ERR_FILE_UNREADABLE: the report cannot be written; at --junit/ })
  const junit = file.replace('e.yaml', 'junit.xml')
  t.match(await cli(['run', 'no-such-file', '--junit', junit]), { code: 2 })
  t.match(readFileSync(junit, 'utf8'), /errors="1"[^]*PMT_ERR_FILE_NOT_FOUND/)
  t.match(await cli(['run', 'no-such-file']), { code: 2, err: /PMT_ERR_FILE_NOT_FOUND: .*no-such-file/ })
  t.match(await cli(['run', 'no-such-file', '--json']), { code: 2, out: '', err: /^\{"error":\{"code":"PMT_ERR_FILE_NOT_FOUND"/ })
})

test('an experiment of the Chaos Toolkit has a journal, and no reports for CI', async (t) => {
  const folder = t.testdir({ 'experiment.json': JSON.stringify({ title: 'x', description: 'y', method: [] }) })
  const { code, err } = await cli(['run', join(folder, 'experiment.json'), '--junit', join(folder, 'junit.xml')])
  t.equal(code, 2)
  t.match(err, /PMT_ERR_USAGE: --junit is for premortem's own experiments; .*--journal-path/)
})
