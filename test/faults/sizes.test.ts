import { test } from 'tap'
import { atLeastOne } from '../../src/faults/sizes.ts'

test('a byte is the least', async (t) => {
  t.doesNotThrow(() => atLeastOne(1, 'size'))
  t.throws(() => atLeastOne(0.9, 'faults.0.size'), { code: 'PMT_ERR_INVALID', details: { path: 'faults.0.size', found: 0.9 } })
})
