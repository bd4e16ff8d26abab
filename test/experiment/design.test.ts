import { test } from 'tap'
import { armRules, stretchOf, whyNotApart } from '../../src/experiment/design.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { DOCUMENT, PASSIVE } from './world.ts'

const STICKY = { type: 'delay', on: 'payments', delay: '500ms', share: '30%', by: 'header:x-user-id' }
const USERS = { ...DOCUMENT, load: { ...DOCUMENT.load, users: 100, headers: { 'X-User-Id': 'user-{user}' } } }

const designOf = (document: object, ...faults: object[]): string => decodeExperiment({ ...document, faults }).design

test('the best that faults allow', async (t) => {
  t.equal(designOf(PASSIVE, STICKY), 'concurrent')
  t.equal(designOf(USERS, STICKY), 'concurrent')
  t.equal(designOf(PASSIVE, { ...STICKY, by: 'cookie:sid' }), 'concurrent')
  t.equal(designOf(PASSIVE, { ...STICKY, by: 'trace' }), 'concurrent')
  t.equal(designOf(PASSIVE, { ...STICKY, on: 'edge', by: undefined }), 'concurrent', 'edge knows whom it hit')
  t.equal(designOf(PASSIVE, { ...STICKY, share: '100%' }), 'before-after')
  t.equal(designOf(PASSIVE, { ...STICKY, by: undefined }), 'before-after', 'edge cannot know whom payments hit')
  t.equal(designOf(PASSIVE, { ...STICKY, by: 'client' }), 'before-after', 'payments has another client than edge')
  t.equal(designOf(DOCUMENT, STICKY), 'before-after', 'the load names no users')
  t.equal(designOf(USERS, { ...STICKY, by: 'trace' }), 'before-after', 'the load sends no traces')
  t.equal(designOf(USERS, { ...STICKY, on: 'edge', by: undefined }), 'before-after', 'the load cannot know whom edge hit')
  t.equal(designOf(PASSIVE, STICKY, { ...STICKY, by: undefined }), 'before-after', 'one is enough to spoil it')
  t.equal(designOf(PASSIVE, { ...STICKY, by: undefined, share: undefined, replay: [1, 2] }), 'before-after')
})

function refusal (document: object): { message: string, path?: unknown, wanted?: unknown } {
  try {
    decodeExperiment(document)
  } catch (error) {
    if (error instanceof PremortemError) return { message: error.message, ...error.details }
  }
  return { message: 'none' }
}

test('a control arm that cannot be is refused, and says where and why', async (t) => {
  t.match(refusal({ ...PASSIVE, compare: 'concurrent', faults: [{ ...STICKY, by: undefined }] }), {
    message: /no control arm: edge cannot see which requests at payments it hits/, path: 'faults.0.share', wanted: /header:NAME/
  })
  t.match(refusal({ ...PASSIVE, compare: 'concurrent', faults: [STICKY, { ...STICKY, share: 1 }] }), { message: /everything/, path: 'faults.1.share' })
  t.match(refusal({ ...DOCUMENT, compare: 'concurrent', faults: [STICKY] }), { message: /the load sends no header x-user-id that tells its users apart/ })
  t.equal(refusal({ ...USERS, compare: 'concurrent', faults: [STICKY] }).message, 'none')
})

test('a switchback needs room for its stretches', async (t) => {
  t.equal(stretchOf(60_000, 6), 5000)
  const document = { ...DOCUMENT, compare: 'switchback', phases: { ...DOCUMENT.phases, fault: '60s' } }
  t.match(decodeExperiment(document), { design: 'switchback', switchback: { pairs: 6, settle: 1000 } })
  t.match(refusal({ ...document, switchback: { pairs: 16 } }), { path: 'phases.fault', wanted: /96s/ })
  t.match(refusal({ ...document, compare: 'before-after', switchback: { pairs: 5 } }), { path: 'switchback' })
  t.match(refusal({ ...document, switchback: { pairs: 4 } }), { path: 'switchback.pairs' })
})

test('users who are not told apart are refused', async (t) => {
  t.match(refusal({ ...DOCUMENT, load: { ...DOCUMENT.load, users: 10 } }), { path: 'load.users' })
})

test('why arms cannot be told, by node', async (t) => {
  const [fault] = decodeExperiment({ ...PASSIVE, faults: [{ ...STICKY, on: 'edge', by: undefined, node: 'edge-1' }] }).faults
  t.match(whyNotApart(fault!, { at: 'edge', source: 'proxy', load: undefined }), /cannot see/)
})

test('rules go by keys that are the same everywhere, else by what was drawn', async (t) => {
  const { faults } = decodeExperiment({ ...PASSIVE, faults: [STICKY, { ...STICKY, on: 'edge', by: 'client' }] })
  t.strictSame(armRules(faults, (i) => ({ id: `f${i}`, seed: i })), [
    { fault: 'f0', by: 'header:x-user-id', seed: 0, share: 0.3 }, { fault: 'f1', by: null, seed: 1, share: 0.3 }
  ])
})
