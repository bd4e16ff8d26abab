import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { decodeExperiment } from '../../../src/experiment/document.ts'
import { fingerprint } from '../../../src/experiment/fingerprint.ts'
import { breached } from '../../report/results.ts'
import { cli, startSidecar } from '../harness.ts'

const EXPERIMENT = {
  title: breached().title,
  'steady-state': { at: 'edge', objectives: ['success >= 90%'] },
  phases: { baseline: '1s', fault: '1s', recovery: '1s' },
  faults: [{ type: 'hang', on: 'edge' }]
}
const documentHash = fingerprint(decodeExperiment(EXPERIMENT).document)

function store (data: string): void {
  const runs = join(data, 'runs')
  for (const [i, more] of [{}, { outcome: 'held', exitCode: 0 }, { title: 'Another' }].entries()) {
    const id = `2026-01-0${i + 1}T00-00-00-aaaa`
    mkdirSync(join(runs, id), { recursive: true })
    writeFileSync(join(runs, id, 'result.json'), JSON.stringify({ ...breached(), documentHash, id, ...more }))
  }
  mkdirSync(join(runs, '2026-01-04T00-00-00-aaaa'))
}

test('the runs on this machine and of a sidecar are told alike', async (t) => {
  const { control, data } = await startSidecar(t)
  t.match(await cli(['runs', '--data', data]), { code: 0, out: /^no run in .*runs\n$/ })
  store(data)
  const here = await cli(['runs', '--data', data])
  t.match(here, { code: 0, out: /breached[^]*held[^]*Another[^]*damaged[^]*flake rate {2}100%[^]*median 1\.24s/ })
  t.equal((await cli(['runs', '--control', control])).out, here.out)
  const machine = JSON.parse((await cli(['runs', '--control', control, '--json'])).out) as object
  t.match(machine, { runs: [{ outcome: 'breached' }, { outcome: 'held' }, {}, { state: 'damaged' }], experiments: [{ runs: 2 }, { title: 'Another' }] })
  t.same(JSON.parse((await cli(['runs', '--data', data, '--json'])).out), machine)
})

test('of one experiment, by its file or words of its title', async (t) => {
  const data = t.testdir({ 'e.json': JSON.stringify(EXPERIMENT), 'changed.json': JSON.stringify({ ...EXPERIMENT, tags: ['x'] }) })
  store(data)
  const ids = async (...more: string[]): Promise<string[]> =>
    (JSON.parse((await cli(['runs', '--data', data, '--json', ...more])).out) as { runs: { id: string }[] }).runs.map(({ id }) => id.slice(0, 10))
  t.same(await ids('--experiment', 'PAYMENTS'), ['2026-01-01', '2026-01-02'])
  t.same(await ids('--experiment', 'another'), ['2026-01-03'])
  t.same(await ids('--experiment', join(data, 'e.json'), '--last', '1'), ['2026-01-02'])
  t.notMatch((await cli(['runs', '--data', data, '--experiment', join(data, 'e.json')])).out, 'has been changed')
  t.match((await cli(['runs', '--data', data, '--experiment', join(data, 'changed.json')])).out, 'The file has been changed since the last of these runs.')
})

test('a number of runs is a number', async (t) => {
  for (const last of ['0', '-1', 'x', '99999']) t.match(await cli(['runs', '--last', last]), { code: 2, err: /PMT_ERR_USAGE: not a number of runs; at --last/ }, last)
})
