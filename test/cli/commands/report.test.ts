import { join } from 'node:path'
import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

const line = (type: string, data: object): string => `${JSON.stringify({ time: '2026-01-01T00:00:00.000Z', elapsed: 10, type, data })}\n`

const FOLDER = {
  'c.yaml': 'data: elsewhere\nproxies: []\n',
  data: { runs: { '2026-01-01T00-00-00-aaaa': { 'journal.jsonl': line('run.started', { title: 'killed' }) } } }
}

test('a run is found by its id, as the latest, and by its folder; also one that was killed', async (t) => {
  const folder = t.testdir(FOLDER)
  const data = join(folder, 'data')
  for (const run of ['2026-01-01T00-00-00-aaaa', 'latest', join(data, 'runs', '2026-01-01T00-00-00-aaaa')]) {
    t.match(await cli(['report', run, '--data', data]), { code: 0, out: /no verdict[^]*title=killed/ }, run)
  }
  const machine = await cli(['report', 'latest', '--data', data, '--json'])
  t.match(JSON.parse(machine.out), { result: null, entries: [{ type: 'run.started' }] })
  t.same((await cli(['report', 'latest', '--data', data, '--format', 'json'])).out, machine.out)
})

test('without --data the configuration says where runs are', async (t) => {
  const folder = t.testdir(FOLDER)
  t.match(await cli(['report', 'latest', '--config', join(folder, 'c.yaml')]), { code: 2, err: /PMT_ERR_RUN_NOT_FOUND: no run latest in elsewhere/ })
})

test('a run that is not there is named, here and on a sidecar elsewhere', async (t) => {
  const { control } = await startSidecar(t)
  t.match(await cli(['report', 'nope', '--data', join(t.testdir(FOLDER), 'data')]), { code: 2, err: /PMT_ERR_RUN_NOT_FOUND: .*nope/ })
  t.match(await cli(['report', 'nope', '--control', control]), { code: 2, err: /PMT_ERR_RUN_NOT_FOUND/ })
  t.match(await cli(['report', 'latest', '--control', control]), { code: 2, err: /PMT_ERR_RUN_NOT_FOUND: there is no run yet/ })
})
