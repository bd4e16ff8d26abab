import type { Socket } from 'node:net'
import { test } from 'tap'
import { Valve } from '../../src/proxy/valve.ts'

test('a socket is read when no reason against it is left', async (t) => {
  const did: string[] = []
  const valve = new Valve({ pause: () => { did.push('pause') }, resume: () => { did.push('resume') } } as unknown as Socket)
  valve.hold(1, true)
  valve.hold(2, true)
  valve.hold(1, true)
  valve.hold(1, false)
  t.same(did, ['pause'])
  valve.hold(2, false)
  t.same(did, ['pause', 'resume'])
  valve.hold(1, true)
  valve.open()
  valve.hold(1, false)
  t.same(did, ['pause', 'resume', 'pause', 'resume'])
})

test('without a socket there is nothing to stop', async (t) => {
  const valve = new Valve(null)
  t.doesNotThrow(() => { valve.hold(1, true); valve.open() })
})
