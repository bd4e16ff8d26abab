import { test } from 'tap'
import { FILES, FULL, QUICK, adapt, breaksTls, loadDocument } from '../../src/demo/experiments.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'

test('the demo plays the sample files, with another load and other phases', async (t) => {
  for (const file of FILES) {
    const document = await loadDocument(file)
    const { load, phases, ...rest } = adapt(document, QUICK, '127.0.0.1:1')
    const { load: _, phases: __, ...sample } = document
    t.same(rest, sample, 'everything else is the sample\'s')
    t.same(load, { url: 'http://127.0.0.1:1/checkout', rate: QUICK.rate, timeout: '5s' })
    t.same(phases, QUICK.phases)
  }
})

test('at either pace there are requests enough to conclude, and it ends in time', async (t) => {
  for (const [pace, most] of [[FULL, 110], [QUICK, 50]] as const) {
    const documents = await Promise.all(FILES.map(loadDocument))
    const experiments = documents.map((document) => decodeExperiment(adapt(document, pace, '127.0.0.1:1')))
    for (const { phases, load } of experiments) {
      t.ok(load!.rate * phases.fault / 1000 >= 299)
      t.ok(load!.rate * phases.recovery / 1000 >= 299)
    }
    const total = experiments.flatMap(({ phases }) => Object.values(phases)).reduce((sum, length) => sum + length, 0)
    t.ok(2 * total / 1000 < most, 'two shops each')
  }
})

test('only the question about the certificate takes TLS', async (t) => {
  const documents = await Promise.all(FILES.map(loadDocument))
  t.strictSame(documents.map(breaksTls), [false, false, true])
})
