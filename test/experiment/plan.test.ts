import { test } from 'tap'
import { decodeExperiment } from '../../src/experiment/document.ts'
import { planExperiment, PRICE, requirePlan } from '../../src/experiment/plan.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { DOCUMENT, PASSIVE, createWorld } from './world.ts'

const { plane } = createWorld(createVirtualClock())
const plan = (document: object) => planExperiment(decodeExperiment(document), plane)

test('what an objective needs, and what there will be', async (t) => {
  const report = await plan(DOCUMENT)
  t.match(report, { title: DOCUMENT.title, canConclude: true, problems: [], duration: 18_000 })
  t.strictSame(report.objectives.map(({ objective, phase }) => `${objective} ${phase}`), [
    'success >= 95% baseline', 'success >= 95% fault', 'success >= 95% recovery', 'p95 <= 300ms baseline', 'p95 <= 300ms fault', 'p95 <= 300ms recovery'
  ])
  t.match(report.objectives[1], { expected: 400, needed: 59, can: ['held', 'breached'], shortBy: null })
})

test('published figures of an exact test, 1,945 for a p99 and 19,458 for 99.9 %, times what it costs not to know of dependence', async (t) => {
  const report = await plan({ ...DOCUMENT, load: { ...DOCUMENT.load, rate: '20/s' }, 'steady-state': { at: 'edge', objectives: ['p99 <= 300ms', 'success >= 99.9%'] } })
  const [p99, , , success] = report.objectives
  t.ok(Math.abs(p99!.neededFor80 / (PRICE * 1945) - 1) < 0.02)
  t.ok(Math.abs(success!.neededFor80 / (PRICE * 19_458) - 1) < 0.02)
  t.match(report, { canConclude: false })
  t.ok(report.notes.some((note) => /^p99 says little of fewer than 300 requests .*, 160 in the fault phase/.test(note)))
  t.match(report.objectives[1], { expected: 160, needed: 299, can: ['breached'], shortBy: '139 requests, or 7s more' })
  t.ok(report.notes.some((note) => /^the fault phase is too short to say that p99 <= 300ms held: 160 requests expected, 299 needed/.test(note)))
})

test('the proxy\'s own rate stands in for a load', async (t) => {
  const report = await plan(PASSIVE)
  t.equal(report.objectives[1]!.expected, 400)
  t.ok(report.notes.some((note) => note.startsWith('50.0 requests a second reach edge now')))
  const silent = await planExperiment(decodeExperiment(PASSIVE), { ...plane, describe: async (name) => ({ name, protocol: 'http', nodes: [], guarded: false, rate: 0, tls: 'none', handshakeRate: 0, connections: 0 }) })
  t.match(silent, { canConclude: false })
  t.match(silent.objectives[1], { expected: 0, can: [], shortBy: '59 requests' })
  t.ok(silent.notes.some((note) => note.startsWith('no traffic reaches edge now')))
  const unread = await planExperiment(decodeExperiment(PASSIVE), {
    ...plane, describe: async (name) => ({ ...(await plane.describe('mail'))!, name, protocol: 'auto', rate: 0, connections: 3 })
  })
  t.ok(unread.notes.some((note) => note.startsWith('3 connections are open at edge now; what passes on them unread')))
})

test('breaking where one measures is said, loudly', async (t) => {
  const { notes } = await plan({ ...DOCUMENT, faults: [{ type: 'delay', on: 'edge', delay: 1, ttl: '5s' }] })
  t.match(notes[0], /^THE FAULT IS ON edge, WHICH IS ALSO WHERE THE OBJECTIVES ARE MEASURED: the injected delay/)
  t.match(notes[1], /^faults.0.ttl is not used/)
  t.notOk((await plan(DOCUMENT)).notes.some((note) => note.startsWith('THE FAULT')))
})

test('a recovery that is too short, and power that is too low, are noted', async (t) => {
  const { notes } = await plan({ ...DOCUMENT, phases: { ...DOCUMENT.phases, recovery: '1s', fault: '2s' } })
  t.ok(notes.some((note) => note.startsWith('the recovery phase is too short to see p95 <= 300ms hold again: 50 requests expected, 59 needed')))
  t.ok(notes.some((note) => note.startsWith('p95 <= 300ms may well be inconclusive: 100 requests expected')))
})

test('what counts on a tcp proxy is said', async (t) => {
  const { notes } = await plan({ ...PASSIVE, 'steady-state': { at: 'redis', objectives: ['success >= 90%'] } })
  t.ok(notes.some((note) => note.startsWith('redis is a tcp proxy')))
})

test('problems are words in a plan, and thrown when it is required', async (t) => {
  const document = { ...DOCUMENT, faults: [{ type: 'delay', on: 'payment', delay: 1 }] }
  const report = await plan(document)
  t.match(report, { canConclude: false, problems: ['faults.0.on: no such proxy: payment (premortem proxy list shows their names)'] })
  await t.rejects(requirePlan(decodeExperiment(document), plane), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { path: 'faults.0.on' } })
  t.match(await requirePlan(decodeExperiment(DOCUMENT), plane), { canConclude: true })
})

const shaken = (at: string, more: object = {}) => ({ ...PASSIVE, 'steady-state': { at, objectives: ['success >= 95%', 'handshake >= 95%'] }, ...more })

test('handshakes have a rate of their own', async (t) => {
  const report = await planExperiment(decodeExperiment(shaken('bank')), { ...plane, describe: async (name) => ({ name, protocol: 'http', nodes: [], guarded: false, rate: 50, tls: 'terminate', handshakeRate: 5, connections: 0 }) })
  t.match(report, { canConclude: false, measured: { protocol: 'http', tls: 'terminate' } })
  t.match(report.objectives.filter(({ phase }) => phase === 'fault'), [
    { counts: 'requests', expected: 400 }, { counts: 'handshakes', expected: 40, needed: 59, shortBy: '19 handshakes, or 4s more' }
  ])
  t.ok(report.notes.includes('5.0 TLS handshakes a second are seen at bank now'))
  t.ok(report.notes.some((note) => note.startsWith('the fault phase is too short to say that handshake >= 95% held: 40 handshakes expected')))
})

test('how many handshakes a load makes is not known, and that there are none now is said', async (t) => {
  const { notes, objectives } = await plan({ ...shaken('bank'), load: DOCUMENT.load })
  t.ok(notes.some((note) => note.startsWith('how many handshakes the load makes at bank is not known before it runs')))
  t.match(objectives[4], { counts: 'handshakes', phase: 'fault', expected: 400 }, 'the rate of now')
  const silent = await planExperiment(decodeExperiment(shaken('bank')), { ...plane, describe: async (name) => ({ name, protocol: 'http', nodes: [], guarded: false, rate: 50, tls: 'terminate', handshakeRate: 0, connections: 0 }) })
  t.ok(silent.notes.some((note) => note.startsWith('no TLS handshake is seen at bank now')))
})

test('a tls fault where one measures: what is not counted is said', async (t) => {
  const { notes } = await plan(shaken('bank', { faults: [{ type: 'tls/expired', on: 'bank' }] }))
  t.match(notes[0], /^THE FAULT IS ON bank, WHICH IS ALSO .*: the verdict says how many clients turn bank down .* A request whose handshake failed never arrives/)
})

test('at a tcp proxy, connections are not spoken of where only handshakes are judged', async (t) => {
  const { notes } = await plan({ ...PASSIVE, 'steady-state': { at: 'mail', objectives: ['handshake >= 50%'] } })
  t.notOk(notes.some((note) => note.startsWith('mail is a tcp proxy')))
})

test('without the proxy there is nothing measured', async (t) => {
  t.equal((await plan(shaken('bnak'))).measured, null)
})

test('of a fault phase that is compared with something at its own time, only a part is under the faults', async (t) => {
  const faultOf = async (document: object) => {
    const { objectives, notes } = await plan(document)
    return { ...objectives.find(({ phase }) => phase === 'fault')!, notes }
  }
  const shared = { ...DOCUMENT.faults[0], share: '10%', by: 'header:x-user-id' }
  const concurrent = await faultOf({ ...DOCUMENT, load: { ...DOCUMENT.load, users: 10, headers: { 'x-user-id': '{user}' } }, faults: [shared] })
  t.match(concurrent, { expected: 40, needed: 59, shortBy: '19 requests, or 4s more' }, '5 a second of 50')
  t.ok(concurrent.notes.some((note) => note.startsWith('compared with a control arm: 10% of the traffic is to be hit')))
  const switched = await faultOf({ ...DOCUMENT, compare: 'switchback', phases: { ...DOCUMENT.phases, fault: '60s' } })
  t.equal(switched.expected, 6 * 3 * 50)
  t.ok(switched.notes.includes('compared by switchback: 6 pairs of stretches of 5s, one of each pair with the faults, of which 3s count'))
})

test('samples: as many as the source is asked for, and of counters nobody knows before', async (t) => {
  const sources = {
    login: { http: 'http://a', every: '100ms' }, slow: { process: ['x'], every: '3s' }, errors: { prometheus: 'http://p', good: 'g', total: 't' }, idle: { http: 'http://a' }
  }
  const allowed = { process: true }
  const look = (objectives: string[]) => planExperiment(decodeExperiment({ ...DOCUMENT, 'steady-state': { at: 'edge', objectives, sources } }), plane, allowed)
  const report = await look(['login >= 95%', 'errors >= 99%'])
  t.match(report.objectives.filter(({ phase }) => phase === 'fault'), [
    { counts: 'samples', expected: 80, needed: 59, can: ['held', 'breached'], shortBy: null }, { counts: 'samples', expected: null, can: [], shortBy: null }
  ])
  t.equal(report.canConclude, true)
  const notes = report.notes.join('\n')
  t.match(notes, /how much the counters of errors will count is not known/)
  t.match(notes, /no objective and no guardrail is on idle/)
  t.match(notes, /slow is asked every 3s, which is hardly once in baseline and recovery/)
  t.notMatch(notes, /errors >= 99%/)
  const short = await look(['slow >= 95%'])
  t.match(short, { canConclude: false, objectives: [{ expected: 1 }, { expected: 2, needed: 59, shortBy: '57 samples, or 2m51s more' }, {}] })
})

test('what may not be done here is a problem of the plan', async (t) => {
  const document = { ...DOCUMENT, 'steady-state': { at: 'edge', objectives: ['db >= 95%'], sources: { db: { process: ['pg_isready'] } } } }
  t.match((await plan(document)).problems, [/^steady-state.sources.db.process: experiments that come over the control API may run no program/])
  await t.rejects(requirePlan(decodeExperiment(document), plane), { code: 'PMT_ERR_PROCESS_FORBIDDEN', status: 403 })
})

test('a search is planned by its levels, each of which takes more than a phase that is looked at once', async (t) => {
  const search = { ...DOCUMENT, phases: { ...DOCUMENT.phases, fault: '3m' }, faults: [{ type: 'delay', on: 'payments' }], limit: { parameter: 'delay', from: 0, to: '2s', 'step-time': '10s' } }
  const report = await plan(search)
  t.match(report, { canConclude: true, duration: 190_000 })
  t.match(report.objectives[1], { phase: 'level', expected: 500, needed: 131, can: ['held', 'breached'], shortBy: null })
  const short = await plan({ ...search, limit: { ...search.limit, 'step-time': '3s' }, load: { ...DOCUMENT.load, rate: '20/s' } })
  t.match(short, { canConclude: false })
  t.match(short.objectives[1], { expected: 60, needed: 131, can: ['breached'], shortBy: '71 requests, or 4s more' })
  t.ok(short.notes.some((note) => /^the `limit\.step-time` is too short to say that success >= 95% held: 60 requests expected/.test(note)))
})
