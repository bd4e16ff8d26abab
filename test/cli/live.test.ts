import { stripVTControlCharacters } from 'node:util'
import { test } from 'tap'
import { liveLine, showLive } from '../../src/cli/live.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { createVirtualClock } from '../helpers/clock.ts'

const WALL = Date.UTC(2026, 0, 1)

const view = (more: Partial<RunView> = {}): RunView => ({
  id: 'r', title: 'x', state: 'running', phase: 'fault', phaseEndsAt: new Date(WALL + 15_000).toISOString(), startedAt: new Date(WALL).toISOString(),
  live: { n: 100, rate: 49.97, handshakes: null, objectives: [{ objective: 'success >= 99%', n: 100, bad: 0, good: 1 }, { objective: 'p95 <= 300ms', n: 100, bad: 40, good: 0.6 }] },
  outcome: null, exitCode: null, folder: 'f', seed: 1, result: null, ...more
})

test('a line says phase, progress, time left, rate and each objective', async (t) => {
  t.equal(liveLine(view(), { fault: 60_000 }, WALL, { color: false, width: 200 }),
    'fault      ########..  15s left    50.0/s  success >= 99%: 100%  p95 <= 300ms: 60% !')
})

test('it says as much as is known', async (t) => {
  const look = { color: false, width: 200 }
  t.equal(liveLine(view({ phase: null, phaseEndsAt: null, live: null }), {}, WALL, look), 'starting ')
  t.equal(liveLine(view({ phase: 'draining', live: null }), { fault: 1 }, WALL, look), 'draining ', 'a phase whose length is not set')
  t.match(liveLine(view({ live: { n: 0, rate: 0, handshakes: null, objectives: [{ objective: 'p95 <= 1s', n: 0, bad: 0, good: 1 }] } }), {}, WALL, look), /0\.0\/s {2}p95 <= 1s: no traffic$/)
})

test('another clock does not break the bar', async (t) => {
  const look = { color: false, width: 200, unicode: true }
  t.match(liveLine(view(), { fault: 60_000 }, WALL + 3_600_000, look), / █{10} {2}0s left/)
  t.match(liveLine(view(), { fault: 10_000 }, WALL - 3_600_000, look), / ░{10} {2}10s left/)
})

test('it is never as wide as the terminal, with or without colours', async (t) => {
  for (const width of [1, 10, 33, 80]) {
    t.equal(liveLine(view(), { fault: 60_000 }, WALL, { color: false, width }).length, width - 1)
    t.equal(stripVTControlCharacters(liveLine(view(), { fault: 60_000 }, WALL, { color: true, width })).length, width - 1)
  }
})

function setUp (tty: { stdout: boolean, stderr: boolean, json: boolean }) {
  const clock = createVirtualClock()
  const written: string[] = []
  const context = {
    stdout: { isTTY: tty.stdout, write: () => {} },
    stderr: { isTTY: tty.stderr, columns: 100, write: (text: string) => { written.push(text) } },
    env: {}, signal: new AbortController().signal, clock, json: tty.json, look: { color: false, width: 80 }
  }
  return { clock, written, context }
}

test('on a terminal the line is drawn in place when it changes, and cleared at the end', async (t) => {
  const { clock, written, context } = setUp({ stdout: true, stderr: true, json: false })
  let run: RunView | undefined
  const stop = showLive(context, () => run, { fault: 60_000 })
  t.same(written, [], 'nothing is known yet')
  run = view()
  await clock.advance(250)
  t.equal(written.length, 1)
  t.ok(written[0]!.startsWith('\r\u001b[2Kfault '))
  await clock.advance(500)
  t.equal(written.length, 1, 'the same line is not drawn twice')
  run = view({ phase: 'recovery' })
  await clock.advance(250)
  t.equal(written.length, 2)
  run = view({ state: 'ended' })
  await clock.advance(250)
  t.equal(written.length, 2)
  stop()
  t.equal(written.at(-1), '\r\u001b[2K')
  t.equal(clock.pending(), 0)
})

test('in a pipe, or for a machine, nothing is drawn', async (t) => {
  const all = { stdout: true, stderr: true, json: false }
  for (const tty of [{ ...all, stdout: false }, { ...all, stderr: false }, { ...all, json: true }]) {
    const { clock, written, context } = setUp(tty)
    const stop = showLive(context, () => view(), { fault: 60_000 })
    await clock.advance(1000)
    stop()
    t.same(written, [])
  }
})

test('handshakes have their rate and their word', async (t) => {
  const objectives = [{ objective: 'success >= 99%', n: 100, bad: 0, good: 1 }, { objective: 'handshake >= 99%', n: 0, bad: 0, good: 0 }]
  const live = { n: 100, rate: 50, handshakes: { n: 0, rate: 0 }, objectives }
  t.match(liveLine(view({ live }), {}, WALL, { color: false, width: 200 }),
    /50\.0\/s {2}0\.0 handshakes\/s {2}success >= 99%: 100% {2}handshake >= 99%: no handshakes$/)
})
