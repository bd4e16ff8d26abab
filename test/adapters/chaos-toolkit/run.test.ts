import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { ROWS } from '../../../docs/chaos-toolkit-rows.ts'
import { decodeChaosExperiment } from '../../../src/adapters/chaos-toolkit/document.ts'
import { openEventLog } from '../../../src/adapters/chaos-toolkit/event-log.ts'
import { Interruption } from '../../../src/adapters/chaos-toolkit/failure.ts'
import type { NativePart } from '../../../src/adapters/chaos-toolkit/native.ts'
import { endOf, verdictOf } from '../../../src/adapters/chaos-toolkit/outcome.ts'
import { createRedactor } from '../../../src/adapters/chaos-toolkit/redact.ts'
import type { Safeguard } from '../../../src/adapters/chaos-toolkit/safeguards.ts'
import { runChaos } from '../../../src/adapters/chaos-toolkit/run.ts'
import type { ChaosOptions, ChaosResult } from '../../../src/adapters/chaos-toolkit/run.ts'
import type { Activity } from '../../../src/adapters/chaos-toolkit/types.ts'
import { createWorld, existsProbe, idle, program, untilSettled } from './world.ts'

const OPTIONS: ChaosOptions = { hypothesis: 'default', rollbacks: 'default', frequency: 1000, failFast: false, dry: null, compat: false }

interface Scene {
  probes?: Activity[]
  method: Activity[]
  rollbacks?: Activity[]
  options?: Partial<ChaosOptions>
  native?: NativePart | null
  safeguards?: Safeguard[]
  stop?: { at: number, interruption: Interruption }
}

async function play (
  folder: string, { probes, method, rollbacks = [], options = {}, stop, native = null, safeguards = [] }: Scene
): Promise<ChaosResult & { file: string, said: string[] }> {
  const file = join(folder, 'journal.json')
  const world = createWorld()
  const { clock } = world
  const experiment = decodeChaosExperiment({
    title: 'T', description: 'D', method, rollbacks, ...(probes === undefined ? {} : { 'steady-state-hypothesis': { title: 'H', probes } })
  }, world.env)
  const all = { ...OPTIONS, ...options }
  const said: string[] = []
  const ending = new AbortController()
  if (stop !== undefined) clock.after(stop.at, () => ending.abort(stop.interruption))
  const result = await untilSettled(clock, runChaos(experiment, all, {
    ...world,
    log: openEventLog({ file, clock, redact: createRedactor([]), late: all.compat }),
    machine: { platform: 'p', node: 'n' },
    title: 'T!',
    hash: 'abc',
    native,
    safeguards,
    interrupt: (interruption) => ending.abort(interruption),
    say: (words) => said.push(words)
  }, ending.signal), 100)
  return { ...result, file, said }
}

const FINE = existsProbe('/')
const WRONG = existsProbe('/', false)
const FAILS = { ...FINE, name: 'fails', provider: { type: 'http', url: 'http://127.0.0.1:1/' } } as Activity
const STOP = { at: 5000, interruption: new Interruption('interrupted by SIGINT') }

/** What brings a run into each situation. `flag` is a file that the method makes. */
const SCENES: Record<string, (flag: string) => Scene> = {
  fine: () => ({ probes: [FINE], method: [idle('a', 1)] }),
  'gate-unmet': () => ({ probes: [WRONG], method: [idle('a', 1)] }),
  'gate-failed': () => ({ probes: [FAILS], method: [idle('a', 1)] }),
  'after-unmet': (flag) => ({ probes: [existsProbe(flag, false)], method: [program('break', 'touch', [flag])] }),
  'after-failed': (flag) => ({ probes: [{ ...program('fails', flag, []), type: 'probe', tolerance: 0 }], method: [program('break', 'rm', [flag])] }),
  'action-failed': () => ({ probes: [FINE], method: [{ ...FAILS, type: 'action' }] }),
  dips: (flag) => ({
    probes: [existsProbe(flag, false)],
    method: [program('break', 'touch', [flag]), idle('wait', 5), program('mend', 'rm', [flag])],
    options: { hypothesis: 'continuously' }
  }),
  'fail-fast': (flag) => ({
    probes: [existsProbe(flag, false)],
    method: [program('break', 'touch', [flag]), idle('wait', 5), program('mend', 'rm', [flag])],
    options: { hypothesis: 'continuously', failFast: true }
  }),
  'during-fail-fast': () => ({ probes: [WRONG], method: [idle('a', 5), idle('b', 5)], options: { hypothesis: 'during-method-only', failFast: true } }),
  interrupted: () => ({ probes: [FINE], method: [idle('a', 600)], stop: STOP }),
  'interrupted-always': () => ({ probes: [FINE], method: [idle('a', 600)], stop: STOP, options: { rollbacks: 'always' } }),
  'interrupted-hard': () => ({
    probes: [FINE], method: [idle('a', 600)], stop: { at: 5000, interruption: new Interruption('interrupted by SIGUSR2', { rollbacks: false }) }, options: { rollbacks: 'always' }
  })
}

for (const { id, facts, theirs } of ROWS) {
  const scene = SCENES[id]
  // What breaks premortem itself cannot be written in an experiment.
  if (scene === undefined) continue
  for (const compat of [true, false]) {
    test(`${id}${compat ? ', as the Chaos Toolkit does it' : ''}`, async (t) => {
      const folder = t.testdir({ program: '#!/bin/sh\n' })
      chmodSync(join(folder, 'program'), 0o755)
      const { options, ...rest } = scene(join(folder, id === 'after-failed' ? 'program' : 'made'))
      const { journal, exitCode, verdict, file } = await play(folder, { rollbacks: [idle('tidy', 1)], ...rest, options: { ...options, compat } })
      const end = endOf(facts, compat)
      t.strictSame([journal.status, journal.deviated, journal.rollbacks.length > 0], [end.status, end.deviated, end.rollbacks])
      if (compat) t.equal(exitCode, theirs[3])
      else t.strictSame([verdict.outcome, exitCode], [verdictOf(facts, end, []).outcome, verdictOf(facts, end, []).exitCode])
      t.same(JSON.parse(readFileSync(file, 'utf8')), journal, 'the file is the journal')
      t.equal('premortem' in journal, !compat)
    })
  }
}

test('the journal: every field, in the order of the start; activities in the background are waited for', async (t) => {
  const { journal, said, file } = await play(t.testdir({}), {
    probes: [FINE],
    method: [idle('long', 3, { background: true }), idle('short', 1, { pauses: { before: 1, after: 2 } }), { ref: FINE.name } as unknown as Activity],
    rollbacks: [idle('first', 1), idle('second', 1)]
  })
  t.match(journal, {
    'chaoslib-version': /^\d+\.\d+\.\d+$/,
    platform: 'p',
    node: 'n',
    experiment: { title: 'T!', description: 'D', dry: null, method: [{}, {}, { ref: FINE.name }] },
    start: '2026-01-01T00:00:00.000000+00:00',
    status: 'completed',
    deviated: false,
    steady_states: { before: { steady_state_met: true }, after: { steady_state_met: true }, during: [] },
    run: [
      { activity: { name: 'long' }, start: /:00\.0/, end: /:03\.0/, duration: 3, status: 'succeeded' },
      { activity: { name: 'short' }, start: /:01\.0/, end: /:02\.0/, duration: 1 },
      { activity: { name: FINE.name, provider: {} }, output: true }
    ],
    rollbacks: [{ activity: { name: 'first' } }, { activity: { name: 'second' } }],
    end: /:06\.0/,
    duration: 6,
    premortem: { verdict: 'held', exitCode: 0, reasons: [/met after the method/], experimentHash: 'abc' }
  })
  t.ok(said.includes('action: long (in the background)'))
  t.notOk(existsSync(`${file}.events`))
})

test('continuously: the gap between verifications, and fail-fast lets the pause of the current activity end', async (t) => {
  const steady = await play(t.testdir({}), { probes: [FINE], method: [idle('a', 5)], options: { hypothesis: 'continuously', frequency: 2000 } })
  t.equal(steady.journal.steady_states.during.length, 3)
  const { journal } = await play(t.testdir({}), {
    probes: [WRONG], method: [idle('a', 1, { pauses: { after: 3 } }), idle('b', 1)], options: { hypothesis: 'during-method-only', failFast: true }
  })
  t.match(journal, { run: [{ activity: { name: 'a' }, status: 'succeeded' }], end: /:04\.0/, steady_states: { before: null, after: null, during: [{ steady_state_met: false }] } })
  t.equal(journal.run.length, 1)
})

test('a rollback that fails does not stop the others, and is not overlooked', async (t) => {
  const { journal, verdict } = await play(t.testdir({}), { probes: [FINE], method: [], rollbacks: [{ ...FAILS, type: 'action' }, idle('next', 1)] })
  t.match(journal.rollbacks, [{ status: 'failed' }, { status: 'succeeded' }])
  t.match(verdict, { outcome: 'not-recovered', exitCode: 7 })
})

test('what is interrupted has failed, and pauses are over too', async (t) => {
  const { journal } = await play(t.testdir({}), { probes: [FINE], method: [idle('a', 1, { pauses: { after: 600 } }), idle('b', 1)], rollbacks: [idle('tidy', 1)], stop: STOP })
  t.match(journal, { status: 'interrupted', run: [{ status: 'succeeded' }], steady_states: { after: null } })
  t.equal(journal.run.length, 1)
  const cut = await play(t.testdir({}), { method: [idle('a', 600)], stop: STOP })
  t.match(cut.journal, { run: [{ status: 'failed', exception: [/InterruptExecution: interrupted by SIGINT/] }] })
})

test('without a hypothesis nothing was shown; a rehearsal shows nothing on purpose', async (t) => {
  t.match(await play(t.testdir({}), { method: [idle('a', 1)] }), { verdict: { outcome: 'inconclusive', exitCode: 3 } })
  t.match(await play(t.testdir({}), { probes: [WRONG], method: [idle('a', 600)], options: { dry: 'activities' } }), {
    verdict: { outcome: null }, exitCode: 0, journal: { experiment: { dry: 'activities' }, run: [{ status: 'succeeded', output: null, duration: 0 }] }
  })
})

test('where the Chaos Toolkit ends in a TypeError there is no journal under its compatibility, and a failed probe otherwise', async (t) => {
  const scene = { probes: [{ ...FINE, tolerance: { type: 'regex', pattern: 'x' } }], method: [] }
  const folder = t.testdir({})
  await t.rejects(play(folder, { ...scene, options: { compat: true } }), { name: 'ChaosCrash' })
  t.notOk(existsSync(join(folder, 'journal.json')))
  t.match(await play(t.testdir({}), scene), { exitCode: 5, journal: { steady_states: { before: { probes: [{ status: 'failed', exception: [/TypeError/] }] } } } })
})

test('a safeguard that is not met ends the run to protect the service; before its start nothing is begun', async (t) => {
  const every: Safeguard = { probe: WRONG, when: { every: 2000 } }
  const scene = { probes: [FINE], method: [idle('a', 600)], rollbacks: [idle('tidy', 1)] }
  t.match(await play(t.testdir({}), { ...scene, safeguards: [every] }), {
    exitCode: 4, verdict: { outcome: 'aborted', reasons: [/the safeguard `exists ` is not within/] },
    journal: { status: 'interrupted', run: [{ status: 'failed', duration: 2 }], rollbacks: [{ status: 'succeeded' }] }
  })
  const first = await play(t.testdir({}), { ...scene, safeguards: [{ probe: WRONG, when: 'first' }] })
  t.match(first, { exitCode: 4, journal: { status: 'interrupted', steady_states: { before: null } } })
  t.strictSame([first.journal.run, first.journal.rollbacks], [[], []])
  const compat = await play(t.testdir({}), { ...scene, safeguards: [every], options: { compat: true } })
  t.match(compat, { exitCode: 1, journal: { status: 'interrupted' } })
  t.strictSame(compat.journal.rollbacks, [], 'which there is a signal, and leaves rollbacks out')
  t.match(await play(t.testdir({}), { probes: [FINE], method: [idle('a', 5)], safeguards: [{ probe: FINE, when: { every: 1000 } }, { probe: FINE, when: 'first' }, { probe: FINE, when: 'once' }] }), { exitCode: 0 })
})
