import { test } from 'tap'
import { decodeChaosExperiment } from '../../../src/adapters/chaos-toolkit/document.ts'
import type { Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'
import { SAFEGUARDS, guard, readSafeguards } from '../../../src/adapters/chaos-toolkit/safeguards.ts'
import type { Safeguard } from '../../../src/adapters/chaos-toolkit/safeguards.ts'
import { createWorld, existsProbe } from './world.ts'

const controlsOf = (args: unknown, module = SAFEGUARDS) => decodeChaosExperiment({
  title: 't', description: 'd', method: [], controls: [{ name: 'c', provider: { type: 'python', module, arguments: args } }]
}, {}).controls

test('safeguards are read from the control', async (t) => {
  const probe = existsProbe('/')
  t.match(readSafeguards(controlsOf({ probes: [probe, { ...probe, background: true }, { ...probe, frequency: 0.5 }] }), {}), [{ when: 'first' }, { when: 'once' }, { when: { every: 500 } }])
  t.strictSame(readSafeguards(controlsOf(null, 'other.module'), {}), [])
  const path = 'controls.0.provider.arguments.probes'
  t.throws(() => readSafeguards(controlsOf({}), {}), { message: /^InvalidControl/, details: { path } })
  t.throws(() => readSafeguards(controlsOf({ probes: [{ ...probe, frequency: 'often' }] }), {}), { message: /^InvalidControl/, details: { path: `${path}.0.frequency` } })
  t.throws(() => readSafeguards(controlsOf({ probes: [{ ...probe, provider: { type: 'x' } }] }), {}), { message: /^InvalidActivity/, details: { path: `${path}.0.provider.type` } })
})

test('the first are waited for, the others go on until they are told to stop', async (t) => {
  const world = createWorld()
  const ended = new AbortController()
  const said: string[] = []
  const go = (safeguards: Safeguard[]) => guard(safeguards, { ...world, compat: false, noteState: () => {} }, ({ reason, by }: Interruption) => said.push(`${by}: ${reason}`), ended.signal)
  await go([{ probe: existsProbe('/'), when: 'first' }, { probe: existsProbe('/etc', false), when: { every: 1000 } }, { probe: existsProbe('/tmp', false), when: 'once' }])
  await world.clock.advance(999)
  t.strictSame(said, ['safeguard: the safeguard `exists tmp` is not within its tolerance'])
  await world.clock.advance(5000)
  t.match(said, [/tmp/, /etc/])
  t.equal(said.length, 2, 'one that is not met is not asked again')
  await go([{ probe: existsProbe('/', false), when: 'first' }, { probe: existsProbe('/usr', false), when: 'first' }])
  t.equal(said.length, 3, 'nothing comes after a first one that is not met')
  await go([{ probe: existsProbe('/', false), when: { every: 1000 } }])
  ended.abort()
  await world.clock.advance(5000)
  t.equal(said.length, 3)
  t.equal(world.clock.pending(), 0)
})
