import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playStream } from '../../helpers/playbook.ts'

test('the dial waits, and nothing else', async (t) => {
  const play = playStream({ type: 'connect-delay', delay: '2s' })
  t.strictSame([play.open(), play.dial(), play.chunk()], [{ do: 'pass' }, { do: 'delay', ms: 2000 }, { do: 'pass' }])
  t.equal(decodeFault({ type: 'connect-delay', delay: 1 }).existing, 'ignore')
})
