import { test } from 'tap'
import * as premortem from '../src/index.ts'

test('the library offers what it says, and nothing by accident', async (t) => {
  t.same(Object.keys(premortem).sort(), ['ControlClient', 'Premortem', 'PremortemError', 'VERSION', 'decodeConfig', 'loadConfig', 'startPremortem'])
})
