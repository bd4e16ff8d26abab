import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { chaosExit, chaosOptionsGiven } from '../../src/cli/chaos.ts'
import { cli, startSidecar } from './harness.ts'

const probe = (tolerance: unknown, args = 'fine') => ({ type: 'probe', name: 'p', tolerance, provider: { type: 'process', path: 'echo', arguments: args } })
const experiment = (more: object = {}): string => JSON.stringify({
  title: 'Is it fine?', description: 'D', 'steady-state-hypothesis': { title: 'H', probes: [probe({ type: 'regex', pattern: '^fine$', target: 'stdout' })] }, method: [], ...more
})
const env = { PATH: process.env.PATH! }

test('a Chaos Toolkit experiment runs, its journal is where it was asked for, and the exit code is the verdict', async (t) => {
  const folder = t.testdir({ 'e.json': experiment(), 'bad.json': experiment({ 'steady-state-hypothesis': { title: 'H', probes: [probe(3)] } }) })
  const journal = join(folder, 'j.json')
  const held = await cli(['run', join(folder, 'e.json'), '--journal-path', journal], { env })
  t.match(held, { code: 0, out: /Is it fine\?\n[^]*HELD[^]*after the method +met/, err: /premortem: verifying the steady state/ })
  t.match(JSON.parse(readFileSync(journal, 'utf8')), { status: 'completed', premortem: { verdict: 'held' } })
  const json = await cli(['run', join(folder, 'e.json'), '--journal-path', journal, '--json'], { env })
  t.same(JSON.parse(json.out), JSON.parse(readFileSync(journal, 'utf8')))
  t.equal(json.err, '')
  t.match(await cli(['run', join(folder, 'bad.json'), '--journal-path', journal], { env }), { code: 5, out: /NOT STEADY/ })
  t.match(await cli(['run', join(folder, 'bad.json'), '--journal-path', journal, '--compat', 'chaostoolkit'], { env }), { code: 0, out: /completed\n/ })
  t.notOk('premortem' in (JSON.parse(readFileSync(journal, 'utf8')) as object))
})

test('variables, secrets and strategies from the command line', async (t) => {
  // eslint-disable-next-line no-template-curly-in-string -- this is how it is written in a file
  const said = { type: 'probe', name: 'said', provider: { type: 'process', path: 'echo', arguments: ['${who}', '${token}', '${n}'] } }
  const folder = t.testdir({
    'e.json': experiment({ configuration: { who: 'nobody', n: 1 }, secrets: { g: { token: { type: 'env', key: 'TOKEN' } } }, method: [said], runtime: { hypothesis: { strategy: 'before-method-only' } } }),
    '.env': 'TOKEN=t0psecret\n',
    'v.yaml': 'configuration: { who: file, n: 2 }\n'
  })
  const argv = ['run', join(folder, 'e.json'), '--journal-path', join(folder, 'j.json'), '--var', 'who=you', '--var-file', join(folder, '.env'), '--var-file', join(folder, 'v.yaml'), '--json']
  const first = JSON.parse((await cli(argv, { env })).out) as { run: object[], steady_states: object }
  t.match(first.run[0], { output: { stdout: 'you *** 2\n' } })
  t.match(first.steady_states, { before: {}, after: null })
  t.notMatch(readFileSync(join(folder, 'j.json'), 'utf8'), /t0psecret/)
  t.match(JSON.parse((await cli([...argv, '--hypothesis-strategy', 'after-method-only'], { env })).out), { steady_states: { before: null, after: {} } })
  t.match(await cli([...argv.slice(0, 4)], { env }), { code: 2, err: /Secrets makes reference to an environment key that does not exist: TOKEN/ })
})

test('what does not fit is exit 2, and 1 as the Chaos Toolkit has it', async (t) => {
  const folder = t.testdir({ 'e.json': experiment({ method: [{}] }), 'crash.json': experiment({ 'steady-state-hypothesis': { title: 'H', probes: [probe({ type: 'regex', pattern: 'x' })] } }) })
  const argv = ['run', join(folder, 'e.json'), '--journal-path', join(folder, 'j.json')]
  t.match(await cli(argv, { env }), { code: 2, err: /InvalidActivity: empty activity is no activity; at .*e\.json:1:\d+ method\.0/ })
  t.match(await cli([...argv, '--compat', 'chaostoolkit'], { env }), { code: 1, out: '', err: /InvalidActivity/ })
  t.match(await cli(['run', join(folder, 'crash.json'), '--journal-path', join(folder, 'j.json'), '--compat', 'chaostoolkit'], { env }), { code: 1, out: '', err: /TypeError/ })
  t.notOk(existsSync(join(folder, 'j.json')))
  for (const more of [['--dry', 'some'], ['--hypothesis-frequency', 'often'], ['--seed', '1'], ['--var', 'x'], ['--rollback-strategy', 'sometimes']]) t.match(await cli([...argv, ...more], { env }), { code: 2, err: /PMT_ERR_(USAGE|CHAOS)/ }, more.join(' '))
  t.match(await cli([...argv, '--var', 'x', '--compat', 'chaostoolkit'], { env }), { code: 2, err: /PMT_ERR_USAGE/ }, 'bad usage is 2 there too')
})

test('an experiment of premortem\'s own does not take these options', async (t) => {
  const folder = t.testdir({ 'e.yaml': 'title: x\nsteady-state: { at: edge, objectives: [success >= 90%] }\nphases: { baseline: 1s, fault: 1s, recovery: 1s }\nfaults: []\n' })
  t.match(await cli(['run', join(folder, 'e.yaml'), '--fail-fast']), { code: 2, err: /--fail-fast is for experiments of the Chaos Toolkit.*hint: leave it out/ })
  t.match(await cli(['run', join(folder, 'e.yaml'), '--dry', 'pause']), { code: 2, err: /--dry is for/ })
  t.strictSame(chaosOptionsGiven({ dry: 'pause', 'fail-fast': false, seed: '1' }), ['dry'])
  t.equal(chaosExit({ compat: true, result: null }), 1)
})

test('Ctrl-C ends it, and its rollbacks are played', async (t) => {
  const slow = { type: 'action', name: 'slow', provider: { type: 'process', path: 'sleep', arguments: ['600'] } }
  const folder = t.testdir({ 'e.json': experiment({ method: [slow], rollbacks: [probe(0)] }) })
  const interrupt = new AbortController()
  const file = join(folder, 'j.json')
  const ended = cli(['run', join(folder, 'e.json'), '--journal-path', file, '--json'], { env, signal: interrupt.signal })
  // The journal says when the action has begun.
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes('"run": [\n    {')) await new Promise((resolve) => { setImmediate(resolve) })
  interrupt.abort('interrupted by SIGINT')
  const { code, out } = await ended
  t.equal(code, 130)
  t.match(JSON.parse(out), { status: 'interrupted', run: [{ status: 'failed', exception: [/InterruptExecution/] }], rollbacks: [{ status: 'succeeded' }] })
})

test('an extension of premortem breaks and measures while the method runs', async (t) => {
  const { control, edge, premortem } = await startSidecar(t)
  const wait = { type: 'action', name: 'wait', provider: { type: 'python', module: 'chaosaddons.utils.idle', func: 'idle_for', arguments: { duration: 2 } } }
  const extension = (status: number) => ({ name: 'premortem', at: 'edge', objectives: ['success >= 80%'], faults: [{ type: 'status', status, on: 'edge', share: '50%' }] })
  const folder = t.testdir({
    'bad.json': experiment({ method: [wait], extensions: [extension(503)] }), 'good.json': experiment({ method: [wait], extensions: [extension(200)] }),
    'none.json': experiment({ extensions: [{ ...extension(503), at: 'nowhere' }] })
  })
  const over = new AbortController()
  const traffic = (async () => { while (!over.signal.aborted) await fetch(edge).then((answer) => answer.text()) })()
  for (const [file, code] of [['bad.json', 1], ['good.json', 0]] as const) {
    const { out, code: exit } = await cli(['run', join(folder, file), '--control', control, '--journal-path', join(folder, 'j.json'), '--json'], { env })
    t.equal(exit, code, out)
    t.match(JSON.parse(out), { premortem: { at: 'edge', objectives: [{ verdict: code === 1 ? 'breached' : 'held' }], faults: [{ type: 'status', applied: true, removed: true }] } })
  }
  over.abort()
  await traffic
  t.strictSame(premortem.proxies.get('edge').faultViews(), [])
  t.match(await cli(['run', join(folder, 'none.json'), '--control', control], { env }), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND: no proxy nowhere/ })
})
