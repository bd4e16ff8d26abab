import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playStream } from '../../helpers/playbook.ts'

test('bytes pass, the end waits', async (t) => {
  const play = playStream({ type: 'slow-close', delay: '5s' })
  t.strictSame([play.open(), play.chunk(), play.end()], [{ do: 'pass' }, { do: 'pass' }, { do: 'delay', ms: 5000 }])
  t.equal(decodeFault({ type: 'slow-close', delay: 1 }).direction, 'downstream')
})
