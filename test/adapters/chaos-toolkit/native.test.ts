import { test } from 'tap'
import { NativePart, findingsOf, readNative } from '../../../src/adapters/chaos-toolkit/native.ts'
import type { DataPlane } from '../../../src/experiment/ports.ts'
import type { JsonObject } from '../../../src/adapters/chaos-toolkit/types.ts'
import { emptyCounters } from '../../../src/faults/plan.ts'
import type { PhaseReading } from '../../../src/measure/watch.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const WRITTEN: JsonObject = { name: 'premortem', at: 'edge', objectives: ['success >= 90%'], faults: [{ type: 'delay', on: 'dep', delay: '1s' }, { type: 'refuse', on: 'dep' }] }

test('the extension of our name is read, and what does not fit is named', async (t) => {
  t.equal(readNative([{ name: 'other', at: 1 }]), null)
  t.match(readNative([{ name: 'other' }, WRITTEN]), { at: 'edge', objectives: [{ text: 'success >= 90%' }], faults: [{ type: 'delay' }, { type: 'refuse' }] })
  t.match(readNative([{ name: 'premortem' }]), { at: null, objectives: [], faults: [] })
  for (const [change, path] of [
    [{ objectives: ['fast'] }, 'objectives.0'], [{ faults: [{ type: 'delay' }] }, 'faults.0.delay'], [{ faults: [{ type: 'refuse' }] }, 'faults.0.on'], [{ faults: [{ type: 'no', on: 'x' }] }, 'faults.0.type'],
    [{ at: undefined }, 'at'], [{ phases: {} }, 'phases']
  ] as [object, string][]) {
    const written = JSON.parse(JSON.stringify({ ...WRITTEN, ...change })) as JsonObject
    t.throws(() => readNative([{ name: 'other' }, written]), { code: /^PMT_ERR_/, details: { path: `extensions.1.${path}` } })
  }
})

/** A plane with one phase of `n` requests, `bad` of them bad. */
function planeOf ({ n = 100, bad = 0, refuse = '', stuck = '' } = {}): { plane: DataPlane, did: string[] } {
  const did: string[] = []
  const method = { name: 'method', startedAt: 0, endedAt: 5000, bins: [{ second: 0, n, of: [n], bad: [bad] }] } as unknown as PhaseReading
  return {
    did, plane: {
      describe: async (name) => name === 'nowhere' ? undefined : ({ name }) as never,
      async apply (on, { type, id }, { ttl, run }) {
        did.push(`apply ${type} ${String(id)} ${ttl} ${run}`)
        if (type === refuse) throw new Error('refused')
        return { on, id: String(id), revision: 1 }
      },
      async change () { throw new Error('nothing of this changes a fault') },
      async renew ({ id }) { did.push(`renew ${id}`) },
      async remove ({ id }) {
        did.push(`remove ${id}`)
        if (id === stuck) throw new Error('stuck')
      },
      figures: async ({ id }) => ({ counters: { ...emptyCounters(), eligible: 9, injected: id === 'r-0' ? 7 : 0 }, delays: null }),
      decisions: async () => ({ complete: true, decisions: [] }),
      residue: async () => ({ active: false, held: 0 }),
      watch: async (at, objectives) => ({
        mark: async (phase) => { did.push(`mark ${phase} at ${at}`) },
        read: async () => ({ objectives: objectives.map(({ text }) => text), phases: [method] }),
        open: async () => 0,
        close: async () => { did.push('close') }
      })
    }
  }
}

const part = (world: ReturnType<typeof planeOf>, written: object = WRITTEN, clock = createVirtualClock()) =>
  new NativePart(readNative([written as never])!, { plane: world.plane, clock, run: 'r', seed: 1 })

test('it measures, then breaks; leases are renewed; the last fault goes first', async (t) => {
  const world = planeOf()
  const clock = createVirtualClock()
  const native = part(world, WRITTEN, clock)
  await native.check()
  await native.begin()
  await clock.advance(3000)
  const result = await native.end()
  t.strictSame(world.did, [
    'mark method at edge', 'apply delay r-0 10000 r', 'apply refuse r-1 10000 r', 'renew r-0', 'renew r-1', 'remove r-1', 'remove r-0', 'mark end at edge', 'close'
  ])
  t.match(result, {
    at: 'edge',
    objectives: [{ objective: 'success >= 90%', verdict: 'held', n: 100, bad: 0 }],
    faults: [{ type: 'delay', on: 'dep', applied: true, removed: true, eligible: 9, injected: 7 }, { type: 'refuse', injected: 0 }]
  })
  t.match(findingsOf(result), { judged: true, breached: [], inconclusive: [], missed: ['refuse on dep'], left: [] })
  t.equal(clock.pending(), 0)
})

test('what was breached, what cannot be said, and what may still be there', async (t) => {
  const judged = async (world: ReturnType<typeof planeOf>) => {
    const native = part(world)
    await native.begin().catch(() => {})
    return findingsOf(await native.end())
  }
  t.match(await judged(planeOf({ bad: 50 })), { breached: ['success >= 90% was breached: 50 of 100 were bad'] })
  t.match(await judged(planeOf({ n: 5 })), { inconclusive: [/success >= 90% is inconclusive: 0 of 5 were bad, and at least \d+ are needed/] })
  t.match(await judged(planeOf({ stuck: 'r-1' })), { left: ['refuse on dep'] })
  const refused = planeOf({ refuse: 'delay' })
  await t.rejects(part(refused).begin(), /refused/)
  t.match(await judged(planeOf({ refuse: 'delay' })), { left: [] })
  await t.rejects(part(planeOf(), { ...WRITTEN, at: 'nowhere' }).check(), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { found: 'nowhere' } })
})
