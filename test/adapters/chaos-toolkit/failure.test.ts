import { test } from 'tap'
import { ActivityFailed, ChaosCrash, Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'

test('what ends activities and runs is told apart', async (t) => {
  t.match(new ActivityFailed('x'), { name: 'ActivityFailed', message: 'x' })
  t.match(new ChaosCrash('y'), { name: 'ChaosCrash', message: 'y' })
  t.match(new Interruption('z'), { reason: 'z', by: 'signal', rollbacks: true })
  t.match(new Interruption('z', { by: 'safeguard', rollbacks: false }), { by: 'safeguard', rollbacks: false })
})
