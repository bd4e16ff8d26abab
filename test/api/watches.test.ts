import { test } from 'tap'
import { WATCH_TTL, Watches } from '../../src/api/watches.ts'
import type { OpenWatch } from '../../src/experiment/ports.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { createVirtualClock } from '../helpers/clock.ts'

function setup () {
  const clock = createVirtualClock()
  const calls: unknown[][] = []
  const watch: OpenWatch = {
    mark: async (phase) => { calls.push(['mark', phase]) },
    read: async (options) => {
      calls.push(['read', options?.final ?? false])
      return { objectives: [], phases: [] }
    },
    open: async () => 3,
    close: async () => { calls.push(['close']) }
  }
  const plane = {
    async watch (at: string) {
      if (at === 'no') throw new PremortemError('PMT_ERR_PROXY_NOT_FOUND')
      return watch
    }
  }
  return { clock, calls, watches: new Watches({ plane, clock }) }
}

test('open, mark, read, close', async (t) => {
  const { watches, calls, clock } = setup()
  const { id } = await watches.open('edge', ['success >= 99%'])
  t.same(await watches.mark(id, 'baseline'), { id, at: 'edge', open: 3, reading: { objectives: [], phases: [] } })
  await watches.read(id, { final: true })
  await watches.close(id)
  t.same(calls, [['read', false], ['mark', 'baseline'], ['read', false], ['read', true], ['close']])
  await t.rejects(watches.read(id), { code: 'PMT_ERR_WATCH_NOT_FOUND' })
  await t.rejects(watches.close(id), { code: 'PMT_ERR_WATCH_NOT_FOUND' })
  t.equal(clock.pending(), 0)
})

test('a watch that nobody touches goes away', async (t) => {
  const { watches, calls, clock } = setup()
  const { id } = await watches.open('edge', ['success >= 99%'])
  await clock.advance(WATCH_TTL - 1)
  await watches.read(id)
  await clock.advance(WATCH_TTL - 1)
  t.equal(watches.size, 1)
  await clock.advance(1)
  t.equal(watches.size, 0)
  t.same(calls.at(-1), ['close'])
  t.equal(clock.pending(), 0)
})

test('what cannot be watched', async (t) => {
  const { watches } = setup()
  await t.rejects(watches.open('no', ['success >= 99%']), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  await t.rejects(watches.open('edge', ['success >= 99%', 'fast']), { code: 'PMT_ERR_INVALID', details: { path: 'objectives.1', found: 'fast' } })
  t.equal(watches.size, 0)
})

test('all at once', async (t) => {
  const { watches, clock } = setup()
  await watches.open('edge', ['success >= 99%'])
  await watches.open('edge', ['success >= 99%'])
  await watches.closeAll()
  t.equal(watches.size, 0)
  t.equal(clock.pending(), 0)
})
