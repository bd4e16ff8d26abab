import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { playStream } from '../../helpers/playbook.ts'

test('a connection is reset at once', async (t) => {
  t.strictSame(playStream({ type: 'refuse' }).open(), { do: 'reset', ms: 0 })
})

test('open connections go too, unless somebody says otherwise', async (t) => {
  t.equal(decodeFault({ type: 'refuse' }).existing, 'reset')
  t.equal(decodeFault({ type: 'refuse', existing: 'ignore' }).existing, 'ignore')
})
