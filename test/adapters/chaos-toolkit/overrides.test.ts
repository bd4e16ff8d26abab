import { join } from 'node:path'
import { test } from 'tap'
import { readOverrides } from '../../../src/adapters/chaos-toolkit/overrides.ts'

test('variables have types, and values may hold anything', async (t) => {
  const { overrides } = await readOverrides(['a=x=y', 'b:int=7', 'c:json={"d":1}', 'e='], [])
  t.strictSame(overrides.vars, { a: 'x=y', b: 7, c: { d: 1 }, e: '' })
  await t.rejects(readOverrides(['a'], []), { code: 'PMT_ERR_USAGE', details: { path: '--var', found: 'a' } })
  await t.rejects(readOverrides(['a:int=x'], []), { code: 'PMT_ERR_CHAOS_TOOLKIT', details: { path: '--var' } })
})

test('files hold configuration and secrets, or lines for the environment; later ones win', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'configuration: { x: yes, y: 1, w: { type: int, value: 3 }, e: { type: env, key: E } }\nsecrets: { g: { k: v } }\n',
    'b.json': '{"configuration": {"y": 2}}',
    '.env': '# words\nA=1\nexport B="two words"\nC = \'c\'\nnothing\n'
  })
  const { overrides, env } = await readOverrides([], ['a.yaml', 'b.json', '.env'].map((name) => join(folder, name)))
  t.strictSame(overrides, { vars: {}, configuration: { x: true, y: 2, w: 3, e: { type: 'env', key: 'E' } }, secrets: { g: { k: 'v' } } })
  t.strictSame(env, { A: '1', B: 'two words', C: 'c' })
  await t.rejects(readOverrides([], [join(folder, 'none')]), { code: 'PMT_ERR_FILE_NOT_FOUND' })
})
