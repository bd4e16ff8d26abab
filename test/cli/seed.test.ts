import { test } from 'tap'
import { readSeed } from '../../src/cli/seed.ts'

test('a seed is a whole number of 32 bits', async (t) => {
  t.equal(readSeed({}), undefined)
  t.equal(readSeed({ seed: '0' }), 0)
  t.equal(readSeed({ seed: '4294967295' }), 4294967295)
  for (const seed of ['4294967296', '-1', '1.5', '0x1', '', 'x']) t.throws(() => readSeed({ seed }), { code: 'PMT_ERR_USAGE', details: { path: '--seed', found: seed } }, seed)
})
