import { join } from 'node:path'
import { test } from 'tap'
import { cli } from '../harness.ts'

const EXPERIMENT = `title: x
steady-state: { at: edge, objectives: [p95 <= 300ms] }
phases: { baseline: 10s, fault: 10s, recovery: 10s }
faults:
  - { type: delay, on: payments, delay: 500ms }
`

test('configurations and experiments are told apart by their keys', async (t) => {
  const folder = t.testdir({ 'e.yaml': EXPERIMENT, 'c.json': '{"proxies": []}' })
  const { code, out } = await cli(['validate', join(folder, 'e.yaml'), join(folder, 'c.json')])
  t.equal(code, 0)
  t.equal(out, `${join(folder, 'e.yaml')}: a valid experiment\n${join(folder, 'c.json')}: a valid configuration\n`)
})

test('each mistake is told with file, line, column, path, found, wanted and hint; exit 2', async (t) => {
  const folder = t.testdir({
    'objective.yaml': EXPERIMENT.replace('p95 <= 300ms', 'p95 <= fast'),
    'fault.yaml': EXPERIMENT.replace('type: delay', 'type: dellay'),
    'param.yaml': EXPERIMENT.replace('delay: 500ms', 'delay: 500ms, jiter: 5ms'),
    'proxy.yaml': 'proxies:\n  - name: a\n    listen: 127.0.0.1\n    upstream: 127.0.0.1:1\n',
    'syntax.yaml': 'title: [\n',
    'other.yaml': 'a: 1\n'
  })
  const err = async (name: string): Promise<string> => {
    const { code, out } = await cli(['validate', join(folder, name)])
    t.equal(code, 2, name)
    return out.replaceAll(folder, '')
  }
  t.match(await err('objective.yaml'), /PMT_ERR_INVALID: not an objective; at \/objective\.yaml:2:40 steady-state\.objectives\.0; found p95 <= fast; wanted an objective such as .*; hint: /)
  t.match(await err('fault.yaml'), /PMT_ERR_FAULT_UNKNOWN: .*; at \/fault\.yaml:5:13 faults\.0\.type; found dellay; wanted one of latency.*; hint: did you mean `delay`\?/)
  t.match(await err('param.yaml'), /at \/param\.yaml:5:\d+ faults\.0\.jiter; found jiter; .*did you mean `jitter`/)
  t.match(await err('proxy.yaml'), /at \/proxy\.yaml:3:13 proxies\.0\.listen; found 127\.0\.0\.1; wanted host:port/)
  t.match(await err('syntax.yaml'), /PMT_ERR_SYNTAX: .*; at \/syntax\.yaml:2:1/)
  t.match(await err('other.yaml'), /neither a configuration nor an experiment; at \/other\.yaml:1:1; found a; wanted `proxies`/)
  t.match(await err('none.yaml'), /PMT_ERR_FILE_NOT_FOUND: no such file; at \/none\.yaml/)
})

test('one bad file among good ones is exit 2, and machines are told which', async (t) => {
  const folder = t.testdir({ 'e.yaml': EXPERIMENT, 'bad.yaml': 'a: 1' })
  const { code, out } = await cli(['validate', join(folder, 'e.yaml'), join(folder, 'bad.yaml'), '--json'])
  t.equal(code, 2)
  t.match(JSON.parse(out), [{ kind: 'experiment', valid: true, error: null }, { kind: null, valid: false, error: { code: 'PMT_ERR_INVALID' } }])
})

test('breaking and measuring in one place is a warning', async (t) => {
  const file = join(t.testdir({ 'e.yaml': EXPERIMENT.replace('on: payments', 'on: edge') }), 'e.yaml')
  t.match(await cli(['validate', file]), { code: 0, out: /warning: a fault is on `edge`, whose own traffic is judged/ })
})

test('an OpenSLO file is checked with the experiment that names it; what is not used is a warning', async (t) => {
  const sample = join(import.meta.dirname, '../../../config/experiments/slo-from-openslo.yaml')
  t.match(await cli(['validate', sample]), { code: 0, out: /a valid experiment\n.*warning: SLO checkout-in-time: its window of 28d is not waited for/ })
  const folder = t.testdir({ 'e.yaml': EXPERIMENT.replace(/objectives: \[[^\]]*\]/, 'openslo: s.yaml'), 's.yaml': 'apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: a }\nspec: { servce: a }\n' })
  t.match(await cli(['validate', join(folder, 'e.yaml')]), { code: 2, out: /unknown key `servce`.*s\.yaml:4:17.*did you mean `service`/s })
  t.match(await cli(['validate', join(sample, '../../openslo/shop.yaml')]), { code: 2, out: /an SLO of OpenSLO is checked with an experiment.*hint: write `openslo: FILE`/s })
})

test('experiments of the Chaos Toolkit are known by their method, and checked by its rules', async (t) => {
  const chaos = 'title: x\ndescription: y\nmethod:\n  - type: action\n    name: a\n    provider: { type: http, url: http://x/ }\n'
  const folder = t.testdir({ 'e.yaml': chaos, 'tag.yaml': chaos.replace('name: a', 'name: !!str 5'), 'bad.yaml': chaos.replace('http, url', 'ftp, url') })
  const good = await cli(['validate', join(folder, 'e.yaml')])
  t.equal(good.code, 0)
  t.match(good.out, /e\.yaml: a valid Chaos Toolkit experiment\n.*warning: without a probe/)
  t.match(await cli(['validate', join(folder, 'tag.yaml')]), { code: 0, out: /a valid Chaos Toolkit experiment/ }, 'tags too, as PyYAML takes them')
  const bad = await cli(['validate', join(folder, 'bad.yaml')])
  t.equal(bad.code, 2)
  t.match(bad.out, /InvalidActivity: unknown provider type 'ftp'; at .*bad\.yaml:6:23 method\.0\.provider\.type; found ftp/)
  t.match(await cli(['validate', 'http://127.0.0.1:1/e.json']), { code: 2, out: /InvalidSource: failed to fetch the experiment/ })
})
