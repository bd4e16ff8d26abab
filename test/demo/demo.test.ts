import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { runDemo } from '../../src/demo/demo.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'

/** Above this p99 of the event loop's lag, in milliseconds, the machine did not give the demo its time. */
const BUSY = 10

const successOf = ({ objectives }: RunResult) => objectives.find(({ objective }) => objective.startsWith('success'))?.fault
const p95Of = ({ phases }: RunResult): number => phases.find(({ name }) => name === 'fault')!.latency.p95

test('the naive shop breaches and the resilient one holds, in under a minute', { timeout: 100_000 }, async (t) => {
  const clock = createSystemClock()
  let text = ''
  const dataFolder = t.testdir()
  const began = clock.now()
  const exitCode = await runDemo({ quick: true, out: (words) => { text += words }, color: false, dataFolder })
  t.ok(clock.now() - began < 60_000)

  const runs = readdirSync(join(dataFolder, 'runs')).sort()
  t.equal(runs.length, 6)
  const results = runs.map((run) => JSON.parse(readFileSync(join(dataFolder, 'runs', run, 'result.json'), 'utf8')) as RunResult)
  t.ok(results.every(({ id }) => text.includes(id)), 'each run is named')
  const [slowNaive, slowResilient, lostNaive, lostResilient, expiredNaive, expiredResilient] = results
  const breached = ({ objectives }: RunResult): boolean => objectives.some(({ fault }) => fault?.verdict === 'breached')
  t.ok([slowNaive, lostNaive, expiredNaive].every((result) => breached(result!)), 'the naive shop breaches')
  t.equal(successOf(lostNaive!)!.verdict, 'breached')
  t.equal(successOf(lostResilient!)!.verdict, 'held')
  t.equal(successOf(expiredNaive!)!.verdict, 'breached')
  t.equal(successOf(expiredResilient!)!.verdict, 'held')
  for (const { tls: [finding] } of [expiredNaive!, expiredResilient!]) {
    t.match(finding, { at: 'payments', survival: { from: 'baseline', subject: 'requests' } })
    t.ok(finding!.survival!.old + finding!.survival!.resumed > 0, 'some would not have noticed')
    const failed = finding!.phases.find(({ name }) => name === 'fault')!.handshakes.counts.filter(({ result }) => result !== 'established')
    t.not(failed.length, 0, 'they are made to look')
  }
  t.match(text.replace(/\s+/g, ' '), 'Had the certificate just lapsed, ')
  t.ok(p95Of(slowResilient!) < p95Of(slowNaive!))

  const asTold = [slowResilient, lostResilient, expiredResilient].every((result) => result!.outcome === 'held')
  t.equal(exitCode, asTold ? 0 : 1, 'the exit code says whether the demo showed what it says')
  t.match(text, asTold ? 'What this means' : 'did not show what it should')
  // The load, the shop, premortem and other tests share this machine, and waiting for it counts as slow.
  const busy = results.some(({ lag }) => lag.p99 > BUSY)
  t.ok(asTold || busy, 'with a machine to itself it does', { results: results.map(({ outcome, reasons, lag }) => ({ outcome, reasons, lag })) })
})

test('Ctrl-C ends the run in progress, and the demo', async (t) => {
  const clock = createSystemClock()
  const interrupt = new AbortController()
  let latest: () => RunView | undefined = () => undefined
  let hidden = 0
  const ended = runDemo({
    quick: true,
    out: () => {},
    color: false,
    dataFolder: t.testdir(),
    signal: interrupt.signal,
    live: (read, lengths) => {
      latest = read
      t.same(lengths, { warmup: 500, baseline: 1500, fault: 3500, recovery: 2500 })
      return () => { hidden++ }
    }
  })
  while (latest()?.phase !== 'fault') await clock.sleep(20)
  interrupt.abort('interrupted by SIGINT')
  t.equal(await ended, 130)
  t.equal(hidden, 1)
  t.match(latest(), { state: 'ended', outcome: 'interrupted', result: { faults: [{ removed: true }] } })
  t.equal(await runDemo({ quick: true, out: () => {}, color: false, dataFolder: t.testdir(), signal: interrupt.signal }), 130)
})
