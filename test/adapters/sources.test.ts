import { test } from 'tap'
import { createSourceStarter } from '../../src/adapters/sources.ts'
import { decodeSources } from '../../src/experiment/sources.ts'
import type { Missing, Sample } from '../../src/measure/sampling.ts'
import { createVirtualClock } from '../helpers/clock.ts'

test('each kind of source is asked in its way', async (t) => {
  const specs = decodeSources({
    web: { http: 'http://127.0.0.1:1/' },
    job: { process: [process.execPath, '-e', 'process.exitCode = 7'] },
    query: { prometheus: 'http://127.0.0.1:1/', query: 'up', expect: '== 1' },
    counters: { prometheus: 'http://127.0.0.1:1/', good: 'a', total: 'b' }
  }, 'x')
  const start = createSourceStarter({ clock: createVirtualClock() })
  const said = await Promise.all(specs.map((spec) => new Promise<Sample | Missing>((resolve) => {
    const source = start(spec, { sample: resolve, missing: resolve })
    t.teardown(() => source.close())
  })))
  t.match(said, [
    { source: 'web', bad: 1, why: 'no answer: ECONNREFUSED' }, { source: 'job', bad: 1, why: 'exit 7' },
    { source: 'query', why: 'no answer: ECONNREFUSED' }, { source: 'counters', why: 'no answer: ECONNREFUSED' }
  ])
  t.strictSame(said.map((one) => 'bad' in one), [true, true, false, false], 'a Prometheus that does not answer is no sample')
})
