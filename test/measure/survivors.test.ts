import { test } from 'tap'
import { Survivors } from '../../src/measure/survivors.ts'
import { observation } from '../helpers/observation.ts'

const connection = (openedAt: number, resumed = false) => ({ openedAt, resumed })

test('nothing behind TLS is nothing to tell', async (t) => t.equal(new Survivors(0).read(), null))

test('an older connection goes before a resumed session, and that before a full handshake', async (t) => {
  const survivors = new Survivors(1000)
  survivors.add(connection(999), observation(1000))
  survivors.add(connection(500, true), observation(1500))
  survivors.add(connection(1000), observation(1600))
  survivors.add(connection(1700, true), observation(3200))
  t.strictSame(survivors.read(), {
    old: 2,
    resumed: 1,
    fresh: 1,
    lastOld: 500,
    lastResumed: 2200,
    subject: 'requests',
    bins: [{ second: 0, old: 2, resumed: 0, fresh: 1 }, { second: 2, old: 0, resumed: 1, fresh: 0 }]
  })
})

test('the last is the latest to begin, in whatever order they ended', async (t) => {
  const survivors = new Survivors(0)
  survivors.add(connection(-5), observation(4000))
  survivors.add(connection(-5), observation(100))
  t.match(survivors.read(), { lastOld: 4000, lastResumed: null, bins: [{ second: 0 }, { second: 4 }] })
})

test('connections of a tcp proxy are called so', async (t) => {
  const survivors = new Survivors(0)
  survivors.add(connection(5, true), observation(5, { kind: 'connection' }))
  t.match(survivors.read(), { old: 0, resumed: 1, subject: 'connections' })
})
