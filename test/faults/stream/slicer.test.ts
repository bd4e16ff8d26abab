import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playStream } from '../../helpers/playbook.ts'

test('a chunk goes out in pieces of a size', async (t) => {
  const play = playStream({ type: 'slicer', size: 100, delay: '10ms' })
  t.strictSame(play.chunk(250), { do: 'split', sizes: [100, 100, 50], gap: 10 })
  t.strictSame(play.chunk(20), { do: 'split', sizes: [20], gap: 10 })
  t.strictSame([play.open(), play.chunk(0), play.end()], [{ do: 'pass' }, { do: 'pass' }, { do: 'pass' }])
})

test('or of varying sizes; a variation that is too large is cut', async (t) => {
  for (const variation of [50, 100, 1e9]) {
    const action = playStream({ type: 'slicer', size: 100, variation }).chunk(65_536)
    if (action.do !== 'split') throw new Error(action.do)
    const sizes = action.sizes.slice(0, -1)
    const width = Math.min(variation, 99)
    t.equal(action.sizes.reduce((a, b) => a + b), 65_536)
    t.ok(Math.min(...sizes) >= 100 - width && Math.max(...sizes) <= 100 + width)
    t.ok(Math.min(...sizes) < 103 - width && Math.max(...sizes) > 97 + width, 'it uses the whole width')
  }
})

test('a size below one byte is refused', async (t) => {
  for (const size of [0, 0.5]) t.throws(() => decodeFault({ type: 'slicer', size }), { code: 'PMT_ERR_INVALID', details: { path: 'size', found: size } })
})
