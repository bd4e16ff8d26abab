import { test } from 'tap'
import { HYPOTHESIS_STRATEGIES, ROLLBACK_STRATEGIES, readStrategy } from '../../../src/adapters/chaos-toolkit/strategies.ts'

test('strategies, with the misspelling of old', async (t) => {
  t.equal(readStrategy(undefined, HYPOTHESIS_STRATEGIES, 'x'), 'default')
  t.equal(readStrategy('continously', HYPOTHESIS_STRATEGIES, 'x'), 'continuously')
  for (const strategy of HYPOTHESIS_STRATEGIES) t.equal(readStrategy(strategy, HYPOTHESIS_STRATEGIES, 'x'), strategy)
  t.throws(() => readStrategy('sometimes', ROLLBACK_STRATEGIES, 'runtime.rollbacks.strategy'), {
    code: 'PMT_ERR_CHAOS_TOOLKIT', details: { path: 'runtime.rollbacks.strategy', found: 'sometimes', wanted: 'one of default, always, never, deviated' }
  })
})
