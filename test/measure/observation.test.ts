import { test } from 'tap'
import { NO_FAULTS } from '../../src/measure/observation.ts'

test('the shared empty list cannot be added to', async (t) => {
  t.strictSame(NO_FAULTS, [])
  t.throws(() => (NO_FAULTS as string[]).push('a'), TypeError)
})
