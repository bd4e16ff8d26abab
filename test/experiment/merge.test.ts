import { test } from 'tap'
import { mergeReadings, mergeWatches } from '../../src/experiment/merge.ts'
import type { OpenWatch } from '../../src/experiment/ports.ts'
import { parseObjective } from '../../src/measure/objective.ts'
import { Watch } from '../../src/measure/watch.ts'
import { handshake, observation } from '../helpers/observation.ts'

const objectives = ['success >= 99%', 'handshake >= 99%', 'p95 <= 300ms'].map(parseObjective)

function watches () {
  const traffic = new Watch(objectives)
  const proxy = new Watch(objectives)
  for (const watch of [traffic, proxy]) watch.mark('baseline', 1000)
  return { traffic, proxy }
}

test('requests are the load\'s, handshakes the proxy\'s, in the phase and in each second', async (t) => {
  const { traffic, proxy } = watches()
  traffic.observe(observation(1000, { ms: 400 }))
  traffic.observe(observation(3000, { status: 503 }))
  proxy.observe(observation(1010, { status: 500, connection: { openedAt: 5, resumed: false } }))
  proxy.observe(observation(5000))
  proxy.observe(handshake(1005))
  proxy.observe(handshake(2005, 'reset'))
  const [phase] = mergeReadings(objectives, traffic.read(), proxy.read([{ startedAt: 4000 }], [{ startedAt: 6000 }])).phases
  t.match(phase, {
    n: 2, of: [2, 3, 2], bad: [1, 2, 1], unfinished: 0, statuses: { 200: 1, 503: 1 },
    handshakes: { n: 3, unfinished: 1 }, survivors: { old: 1 }
  })
  t.strictSame(phase!.bins, [
    { second: 0, n: 1, of: [1, 1, 1], bad: [0, 0, 1] },
    { second: 1, n: 0, of: [0, 1, 0], bad: [0, 1, 0] },
    { second: 2, n: 1, of: [1, 0, 1], bad: [1, 0, 0] },
    { second: 5, n: 0, of: [0, 1, 0], bad: [0, 1, 0] }
  ])
})

test('a phase that the proxy has forgotten is not told as one without handshakes', async (t) => {
  const { traffic } = watches()
  t.strictSame(mergeReadings(objectives, traffic.read(), new Watch(objectives).read()).phases, [])
})

test('both are marked, read and closed; what is open is the load\'s', async (t) => {
  const told: string[] = []
  const tell = (name: string, watch: Watch, open: number): OpenWatch => ({
    async mark (phase) { told.push(`${name} ${phase}`) },
    read: async ({ final = false } = {}) => watch.read(final ? [{ startedAt: 1500 }] : undefined),
    open: async () => open,
    async close () { told.push(`${name} closed`) }
  })
  const { traffic, proxy } = watches()
  const merged = mergeWatches(objectives, tell('load', traffic, 7), tell('proxy', proxy, 9))
  await merged.mark('fault')
  t.equal(await merged.open(), 7)
  t.match(await merged.read({ final: true }), { phases: [{ n: 1, unfinished: 1, of: [1, 0, 1] }] })
  await merged.close()
  t.strictSame(told, ['load fault', 'proxy fault', 'load closed', 'proxy closed'])
})
