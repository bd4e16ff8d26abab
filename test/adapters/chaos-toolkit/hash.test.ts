import { test } from 'tap'
import { experimentHash } from '../../../src/adapters/chaos-toolkit/hash.ts'

test('the hash is the Chaos Toolkit\'s', async (t) => {
  t.equal(experimentHash({ title: 'a', description: 'b', method: [] }), 'b7289f1a876be9e7a006a427')
  t.equal(experimentHash({ method: [], description: 'b', title: 'a' }), 'b7289f1a876be9e7a006a427', 'whatever the order')
  t.not(experimentHash({ title: 'é', description: 'b', method: [] }), 'b7289f1a876be9e7a006a427')
})
