import { test } from 'tap'
import { validateChaosText } from '../../../src/adapters/chaos-toolkit/validate.ts'
import { parseText } from '../../../src/kernel/text.ts'

const HEAD = 'title: T\ndescription: D\n'

test('what does not fit has a line and a column', async (t) => {
  t.throws(() => validateChaosText(parseText(`${HEAD}method:\n  - type: probe\n    name: p\n    provider: { type: http }\n`, 'e.yaml'), {}), {
    code: 'PMT_ERR_CHAOS_TOOLKIT', details: { path: 'method.0.provider.url', file: 'e.yaml', line: 6 }
  })
})

test('what is left out is said', async (t) => {
  const control = '{ name: c, provider: { type: python, module: chaostracing.control } }'
  const { experiment, warnings } = validateChaosText(parseText(`${HEAD}method: []\ncontrols: [${control}]\n`), {})
  t.equal(experiment.title, 'T')
  t.match(warnings, [/control `c` \(chaostracing.control, at controls.0\) is Python/, /can show nothing/])
})
