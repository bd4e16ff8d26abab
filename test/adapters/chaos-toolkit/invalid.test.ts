import { test } from 'tap'
import { invalid } from '../../../src/adapters/chaos-toolkit/invalid.ts'

test('an error begins with the class that the Chaos Toolkit raises', async (t) => {
  t.match(invalid('InvalidControl', 'no name', { path: 'controls.0' }), { code: 'PMT_ERR_CHAOS_TOOLKIT', message: 'InvalidControl: no name', exit: 2, details: { path: 'controls.0' } })
})
