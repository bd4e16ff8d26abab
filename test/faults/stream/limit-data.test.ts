import { test } from 'tap'
import { playStream } from '../../helpers/playbook.ts'

const pass = { do: 'pass' }

test('ends at the very byte', async (t) => {
  const play = playStream({ type: 'limit-data', bytes: 100 })
  t.strictSame([play.open(), play.chunk(60), play.chunk(60)], [pass, pass, { do: 'cut', bytes: 40, how: 'close' }])
  t.strictSame(play.chunk(60), { do: 'cut', bytes: 0, how: 'close' }, 'what was under way already')
})

test('also when that byte is the last of a chunk', async (t) => {
  const play = playStream({ type: 'limit-data', bytes: 100, how: 'reset' })
  t.strictSame([play.chunk(99), play.chunk(1)], [pass, { do: 'cut', bytes: 1, how: 'reset' }])
})

test('0 ends with the first data', async (t) => {
  t.strictSame(playStream({ type: 'limit-data', bytes: 0 }).chunk(5), { do: 'cut', bytes: 0, how: 'close' })
})
