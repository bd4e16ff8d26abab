import { test } from 'tap'
import { PYTHON_FUNCTIONS } from '../../../src/adapters/chaos-toolkit/python-functions.ts'

test('what a function needs it takes', async (t) => {
  for (const [name, { takes, needs }] of Object.entries(PYTHON_FUNCTIONS)) t.ok(needs.every((key) => takes.includes(key)), name)
})
