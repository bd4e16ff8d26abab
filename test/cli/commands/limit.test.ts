import { join } from 'node:path'
import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

const FILE = `title: How slow may it be?
steady-state: { at: edge, objectives: [p95 <= 300ms] }
load: { url: "http://127.0.0.1:1/", rate: 100/s }
phases: { baseline: 1s, fault: 1m, recovery: 1s }
faults:
  - { type: delay, on: edge }
limit: { parameter: delay, from: 0, to: 2s }
`

test('what is wrong with the command line is told before anything runs', async (t) => {
  const folder = t.testdir({ 'l.yaml': FILE, 'plain.yaml': FILE.replace(/limit.*\n/, '').replace('on: edge }', 'on: edge, delay: 1ms }'), 'bad.yaml': FILE.replace('to: 2s', 'to: far') })
  const file = join(folder, 'l.yaml')
  const ask = (...argv: string[]) => cli(['limit', ...argv])
  t.match(await ask(file, '--at-least', '3s'), { code: 2, err: /it is never tried; at --at-least; found 3s; wanted a value beyond 0ms, up to 2s/ })
  t.match(await ask(file, '--at-least', 'long'), { code: 2, err: /at --at-least; found long/ })
  t.match(await ask(file, '--baseline', '5s'), { code: 2, err: /--baseline goes with PROXY FAULT/ })
  t.match(await ask(join(folder, 'plain.yaml')), { code: 2, err: /searches for no limit; .*hint: premortem run/ })
  t.match(await ask(join(folder, 'bad.yaml')), { code: 2, err: /bad\.yaml:7:41 limit\.to; found far/ })
  t.match(await ask('no-such-file'), { code: 2, err: /PMT_ERR_FILE_NOT_FOUND/ })
})

test('the same in words', async (t) => {
  const { control } = await startSidecar(t)
  const ask = (...argv: string[]) => cli(['limit', ...argv, '--control', control])
  t.match(await ask('edge', 'delay', 'delay=5ms', '--slo', 'p95<=300ms'), { code: 2, err: /what is to be raised\?; at FAULT/ })
  t.match(await ask('edge', 'delay', 'delay=0..2s'), { code: 2, err: /--slo is missing/ })
  t.match(await ask('edge', 'delay', 'delay=0..far', '--slo', 'p95<=300ms'), { code: 2, err: /at FAULT \(to\); found far/ })
  t.match(await ask('edge', 'delay', 'delay=0..2s', '--slo', 'p95<=300ms', '--resolution', 'x'), { code: 2, err: /at --resolution; found x/ })
  t.match(await ask('edge', 'delay', 'delay=0..2s', '--slo', 'p95<=300ms', '--for', '5s'), { code: 2, err: /at --for; found 5s/ })
  t.match(await ask('egde', 'delay', 'delay=0..2s', '--slo', 'p95<=300ms'), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND: .*at PROXY; found egde/ })
  t.match(await ask('edge', 'delay', 'delay=0..2s', 'hang', '--slo', 'p95<=300ms'), { code: 2, err: /one fault is searched/ })
})
