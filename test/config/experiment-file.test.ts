import { join } from 'node:path'
import { test } from 'tap'
import { loadExperiment } from '../../src/config/experiment-file.ts'
import { PremortemError } from '../../src/kernel/errors.ts'

const TEXT = `title: x
steady-state: { at: edge, objectives: [success >= 90%] }
phases: { baseline: 1s, fault: 1s, recovery: 1s }
faults:
  - { type: hang, on: payments }
`

test('an experiment comes with the places of its values', async (t) => {
  const file = join(t.testdir({ 'e.yaml': TEXT }), 'e.yaml')
  const { experiment, locate } = await loadExperiment(file)
  t.match(experiment, { title: 'x', at: 'edge', phases: { fault: 1000 } })
  t.throws(() => locate(() => { throw new PremortemError('PMT_ERR_PROXY_NOT_FOUND', { path: 'faults.0.on' }) }), {
    code: 'PMT_ERR_PROXY_NOT_FOUND', details: { file, line: 5, column: 23 }
  })
})

test('files that its faults name are relative to it, and their values are in the document', async (t) => {
  const folder = t.testdir({ 'e.yaml': TEXT.replace('on: payments', 'on: payments, replay: \'@hits.json\''), 'hits.json': '{"replay": [2, 4]}' })
  const { experiment } = await loadExperiment(join(folder, 'e.yaml'))
  t.match(experiment.faults, [{ replay: [2, 4] }])
  t.same(experiment.document.faults, [{ type: 'hang', on: 'payments', replay: [2, 4] }], 'so that another sidecar needs no file')
})

test('what does not fit is refused with its place', async (t) => {
  const folder = t.testdir({ 'e.yaml': TEXT.replace('fault: 1s', 'fault: soon') })
  await t.rejects(loadExperiment(join(folder, 'e.yaml')), { code: 'PMT_ERR_INVALID', details: { line: 3, path: 'phases.fault', found: 'soon' } })
  await t.rejects(loadExperiment(join(folder, 'none.yaml')), { code: 'PMT_ERR_FILE_NOT_FOUND' })
})
