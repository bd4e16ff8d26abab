import { test } from 'tap'
import type { OpenWatch } from '../../src/experiment/ports.ts'
import { Witnesses } from '../../src/experiment/witnesses.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { Watch } from '../../src/measure/watch.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { handshake } from '../helpers/observation.ts'

const objectives = [parseObjective('success >= 99%')]

function setUp (hooks: { mark?: () => void, read?: () => void | Promise<void> } = {}) {
  const clock = createVirtualClock()
  const watch = new Watch(objectives)
  let closed = 0
  const open: OpenWatch = {
    async mark (phase) {
      hooks.mark?.()
      watch.mark(phase, clock.now())
    },
    async read () {
      await hooks.read?.()
      return watch.read()
    },
    open: async () => 0,
    async close () { closed++ }
  }
  const plane = {
    async watch (at: string) {
      if (at === 'gone') throw new Error('no such proxy')
      return open
    }
  }
  return { clock, watch, hooks, closed: () => closed, witnesses: new Witnesses({ clock, log: silentLogger, plane }) }
}

test('what was seen at a proxy', async (t) => {
  const { witnesses, watch, closed } = setUp()
  await witnesses.open(['bank'], objectives)
  t.equal(witnesses.latest('bank'), undefined)
  await witnesses.mark('baseline')
  watch.observe(handshake(0))
  await witnesses.read(false)
  t.match(witnesses.latest('bank'), { phases: [{ name: 'baseline', handshakes: { n: 1 } }] })
  await witnesses.close()
  t.equal(closed(), 1)
})

test('one that cannot be watched ends nothing', async (t) => {
  const { witnesses } = setUp()
  await witnesses.open(['gone', 'bank'], objectives)
  await witnesses.mark('baseline')
  await witnesses.read(false)
  t.equal(witnesses.latest('gone'), undefined)
  t.match(witnesses.latest('bank'), { phases: [{ name: 'baseline' }] })
})

test('one that does not answer keeps its last reading', async (t) => {
  const { witnesses, hooks, clock } = setUp()
  await witnesses.open(['bank'], objectives)
  await witnesses.mark('baseline')
  await witnesses.read(false)
  hooks.read = () => new Promise(() => {})
  const reading = witnesses.read(true)
  await clock.advance(5000)
  await reading
  t.match(witnesses.latest('bank'), { phases: [{ name: 'baseline' }] })
})

test('one that missed the beginning of a phase says nothing any more: its counts would be of the wrong one', async (t) => {
  const { witnesses, hooks, closed } = setUp()
  await witnesses.open(['bank'], objectives)
  await witnesses.mark('baseline')
  await witnesses.read(false)
  hooks.mark = () => { throw new Error('no answer') }
  await witnesses.mark('fault')
  await witnesses.read(false)
  t.equal(witnesses.latest('bank'), undefined)
  t.equal(closed(), 1)
})
