import { test } from 'tap'
import { decodeExperiment } from '../../src/experiment/document.ts'
import { findTls, survivalOf } from '../../src/experiment/survival.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import { Watch } from '../../src/measure/watch.ts'
import { handshake, observation } from '../helpers/observation.ts'
import { PASSIVE } from './world.ts'

const incident = decodeFault({ type: 'tls/expired' })
const natural = decodeFault({ type: 'tls/expired', realism: 'natural' })
const stall = decodeFault({ type: 'tls/stall' })

interface Traffic { old?: number[], resumed?: number[], fresh?: number[] }

/** Phases of 30 s; the traffic of each as times from its start. */
function reading (baseline: Traffic, fault: Traffic = {}, kind: 'exchange' | 'connection' = 'exchange') {
  const watch = new Watch([])
  watch.mark('baseline', 1000)
  watch.mark('fault', 31_000)
  watch.mark('after', 61_000)
  for (const [start, { old = [], resumed = [], fresh = [] }] of [[1000, baseline], [31_000, fault]] as const) {
    const see = (at: number, openedAt: number, resumed: boolean) =>
      watch.observe(observation(start + at, { kind, connection: { openedAt, resumed } }))
    for (const at of old) see(at, start - 1, false)
    for (const at of resumed) see(at, start + at, true)
    for (const at of fresh) see(at, start + at, false)
  }
  return watch.read()
}

const times = (n: number, last: number): number[] => Array.from({ length: n }, (_, i) => last * (i + 1) / n)

test('after an incident: what the baseline says of a certificate that had just lapsed', async (t) => {
  const found = survivalOf(incident, 'bank', reading({ old: times(71, 29_500), resumed: times(16, 12_000), fresh: times(13, 29_000) }))
  t.match(found, {
    from: 'baseline', sessions: true, subject: 'requests', watched: 30_000, n: 100, old: 71, resumed: 16, fresh: 13, share: 0.87, last: 29_500, lastOld: 29_500, lastResumed: 12_000
  })
  t.equal(found!.words, 'had the certificate just lapsed, 87% of the requests at bank would have gone on: ' +
    '71% on connections opened before, 16% on resumed sessions, for at least the 30s that were watched')
})

test('what ended before the phase did has its time', async (t) => {
  t.match(survivalOf(incident, 'bank', reading({ old: times(5, 12_000), fresh: times(5, 29_000) })), {
    last: 12_000, words: /: 50% on connections opened before, the last of them after 12s of 30s$/
  })
  t.match(survivalOf(incident, 'bank', reading({ resumed: times(1, 28_000), fresh: times(2, 29_000) })), {
    words: /33\.3% of the requests .*: 33\.3% on resumed sessions, for at least the 30s/
  })
})

test('where each request shakes hands, nothing would have gone on', async (t) => {
  t.match(survivalOf(incident, 'bank', reading({ fresh: times(1200, 29_000) })), {
    share: 0, last: null, words: 'had the certificate just lapsed, none of the 1,200 requests at bank would have gone on: each came after a full handshake'
  })
})

test('a fault that is not about a certificate is not escaped by resuming', async (t) => {
  t.match(survivalOf(stall, 'bank', reading({ old: times(20, 3000), resumed: times(60, 29_000), fresh: times(20, 29_000) })), {
    sessions: false, share: 0.2, last: 3000, words: /^had every new handshake failed from one moment on, 20% of .*: 20% on connections opened before, the last of them after 3s of 30s$/
  })
})

test('in a natural fault: what the fault phase itself has seen', async (t) => {
  const found = survivalOf(natural, 'bank', reading({ old: times(60, 29_000) }, { old: times(20, 9000), resumed: times(5, 15_000), fresh: times(5, 29_000) }))
  t.match(found, { from: 'fault', share: 25 / 30, last: 15_000 })
  t.equal(found!.words, 'while the certificate was bad, 83.3% of the 30 requests that got through at bank did without a full handshake: ' +
    '66.7% on connections opened before, 16.7% on resumed sessions, the last of them after 15s of 30s; 1.0 requests a second got through, 2.0 in the baseline')
})

test('keeping open connections makes any fault natural in this', async (t) => {
  const kept = decodeFault({ type: 'tls/stall', existing: 'keep' })
  t.match(survivalOf(kept, 'bank', reading({}, { fresh: times(3, 1000) })), {
    from: 'fault', share: 0, words: /^while handshakes were broken, none of the 3 requests at bank did without a full handshake; 0\.1 requests a second/
  })
})

test('connections of a tcp proxy: those open already are said not to be counted', async (t) => {
  t.match(survivalOf(incident, 'mail', reading({ resumed: times(1, 29_000), fresh: times(1, 29_000) }, {}, 'connection')), {
    subject: 'connections', words: /50% of the connections at mail .*; those that were open already are not counted$/
  })
})

test('where nothing came behind TLS, nothing is said', async (t) => {
  const watch = new Watch([])
  watch.mark('baseline', 0)
  watch.observe(observation(5))
  t.equal(survivalOf(incident, 'bank', watch.read()), null)
  t.equal(survivalOf(natural, 'bank', watch.read()), null, 'not even the phase')
})

test('a finding for each proxy with a tls fault, and for the one whose handshakes are judged', async (t) => {
  const watch = new Watch([])
  for (const name of ['warmup', 'baseline', 'injecting', 'fault']) watch.mark(name, 0)
  watch.observe(handshake(0, 'reset'))
  const document = {
    ...PASSIVE, 'steady-state': { at: 'edge', objectives: ['handshake >= 99%'] }, faults: [{ type: 'tls/expired', on: 'bank' }, { type: 'tls/stall', on: 'mail' }, { type: 'delay', on: 'payments', delay: 1 }]
  }
  const asked: string[] = []
  const found = findTls(decodeExperiment(document), (proxy) => {
    asked.push(proxy)
    return proxy === 'mail' ? undefined : watch.read()
  })
  t.strictSame(asked, ['edge', 'bank', 'mail'])
  t.match(found, [{ at: 'edge', survival: null }, { at: 'bank', survival: null }])
  t.strictSame(found[0]!.phases.map(({ name, handshakes }) => [name, handshakes.n]), [['baseline', 0], ['fault', 1]])
  t.strictSame(findTls(decodeExperiment(PASSIVE), () => watch.read()), [])
})
