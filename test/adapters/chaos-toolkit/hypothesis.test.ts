import { test } from 'tap'
import { verifyHypothesis } from '../../../src/adapters/chaos-toolkit/hypothesis.ts'
import type { HypothesisTools } from '../../../src/adapters/chaos-toolkit/hypothesis.ts'
import type { HypothesisState } from '../../../src/adapters/chaos-toolkit/journal.ts'
import type { DryMode } from '../../../src/adapters/chaos-toolkit/strategies.ts'
import { activityOf, createWorld, existsProbe, never } from './world.ts'

interface Given { compat?: boolean, dry?: DryMode | null }

function toolsOf ({ compat = false, dry = null }: Given = {}): HypothesisTools & { states: HypothesisState[] } {
  const states: HypothesisState[] = []
  return { ...createWorld({ dry }), compat, noteState: (state) => states.push(structuredClone(state)), states }
}

const refused = activityOf('probe', 'refused', { type: 'http', url: 'http://127.0.0.1:1/' }, { tolerance: 200 })
const untold = { ...existsProbe('/'), tolerance: [1, 2], provider: { type: 'process', path: 'echo', arguments: 'x' }, name: 'untold' } as never

test('it is met if every probe is, and stops at the first that is not', async (t) => {
  const tools = toolsOf()
  t.match(await verifyHypothesis([existsProbe('/'), existsProbe('/etc')], tools, never()), { result: 'met', state: { steady_state_met: true, probes: [{ tolerance_met: true }, { tolerance_met: true }] } })
  t.match(tools.states[0], { steady_state_met: null, probes: [{ output: null }] }, 'what goes on is told too')
  const missed = await verifyHypothesis([existsProbe('/'), existsProbe('/', false), existsProbe('/')], toolsOf(), never())
  t.match(missed, { result: 'unmet', state: { steady_state_met: false, probes: [{ tolerance_met: true }, { tolerance_met: false, status: 'succeeded' }] } })
  t.equal(missed.state.probes.length, 2)
  t.match(await verifyHypothesis([], toolsOf(), never()), { result: 'met', state: { steady_state_met: true, probes: [] } })
})

test('a probe that fails has no tolerance to meet', async (t) => {
  t.match(await verifyHypothesis([refused, existsProbe('/')], toolsOf(), never()), { result: 'failed', state: { steady_state_met: false, probes: [{ status: 'failed', tolerance_met: false }] } })
})

test('where a tolerance ends in a TypeError the probe failed; as the Chaos Toolkit does it, that is the end', async (t) => {
  t.match(await verifyHypothesis([{ ...existsProbe('/'), tolerance: { type: 'regex', pattern: 'x' } }], toolsOf(), never()), {
    result: 'failed', state: { probes: [{ status: 'failed', tolerance_met: false, output: true, exception: [/^TypeError: expected string/] }] }
  })
  await t.rejects(verifyHypothesis([{ ...existsProbe('/'), tolerance: { type: 'regex', pattern: 'x' } }], toolsOf({ compat: true }), never()), { name: 'ChaosCrash', message: /TypeError/ })
  t.match(await verifyHypothesis([untold], toolsOf(), never()), { result: 'unmet' }, 'a mapping with a status is looked up in the list')
})

test('a rehearsal without probes does not look at tolerances; one without actions does', async (t) => {
  for (const dry of ['probes', 'activities'] as const) t.match(await verifyHypothesis([existsProbe('/', false)], toolsOf({ dry }), never()), { result: 'met' })
  t.match(await verifyHypothesis([existsProbe('/', false)], toolsOf({ dry: 'actions' }), never()), { result: 'unmet' })
})

test('a probe may be the tolerance of another', async (t) => {
  const tolerance = (path: string) => ({ type: 'probe', name: 'inner', provider: { type: 'python', module: 'os.path', func: 'exists', arguments: { path } } })
  t.match(await verifyHypothesis([existsProbe('/', tolerance('/'))], toolsOf(), never()), { result: 'met' })
  t.match(await verifyHypothesis([existsProbe('/', tolerance('/no/such'))], toolsOf(), never()), { result: 'unmet' })
  t.match(await verifyHypothesis([existsProbe('/', { ...refused, type: 'probe' })], toolsOf(), never()), { result: 'unmet' })
})
