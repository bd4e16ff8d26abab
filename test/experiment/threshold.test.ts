import { test } from 'tap'
import { parseCheck } from '../../src/experiment/threshold.ts'

test('a comparison with a number', async (t) => {
  const table: [string, string, number, boolean][] = [
    ['<= 0.3', '<= 0.3', 0.3, true], ['<=0.3', '<= 0.3', 0.31, false], [' < 1e3 ', '< 1e3', 1000, false], ['>= -2', '>= -2', -2, true],
    ['> .5', '> .5', 0.6, true], ['== 1', '== 1', 1, true], ['== 1', '== 1', 2, false], ['!= 0', '!= 0', 0, false], ['<= 1', '<= 1', Infinity, false]
  ]
  for (const [written, text, value, passes] of table) {
    const check = parseCheck(written, 'x')
    t.equal(check.text, text)
    t.equal(check.test(value), passes, `${value} ${written}`)
  }
})

test('what is none is refused where it stands', async (t) => {
  for (const written of ['', '0.3', '=< 1', '<= x', '<= 300ms', '< 1 2', '<= 5%']) {
    t.throws(() => parseCheck(written, 'a.expect'), { code: 'PMT_ERR_INVALID', details: { path: 'a.expect', found: written, wanted: /<= 0.3/ } }, written)
  }
})
