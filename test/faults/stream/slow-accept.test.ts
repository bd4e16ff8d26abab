import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playStream } from '../../helpers/playbook.ts'

test('a new connection waits; one that was open does not', async (t) => {
  const play = playStream({ type: 'slow-accept', delay: '3s' })
  t.strictSame([play.open(), play.open(5), play.dial(), play.chunk()], [{ do: 'delay', ms: 3000 }, { do: 'pass' }, { do: 'pass' }, { do: 'pass' }])
  t.equal(decodeFault({ type: 'slow-accept', delay: 1 }).existing, 'ignore')
})
