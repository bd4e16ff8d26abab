import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { startProcessProbe } from '../../src/adapters/process-probe.ts'
import { decodeSources } from '../../src/experiment/sources.ts'
import type { ProcessSource } from '../../src/experiment/sources.ts'
import type { Sample } from '../../src/measure/sampling.ts'
import { createVirtualClock } from '../helpers/clock.ts'

const specOf = (written: object) => decodeSources({ job: written }, 'x')[0] as ProcessSource
const node = (code: string) => [process.execPath, '-e', code]

/** The first sample of a probe. Time stands still: it runs once. */
function firstOf (t: Test, written: object): Promise<Sample> {
  return new Promise((resolve) => {
    const probe = startProcessProbe(specOf(written), { sample: resolve, missing: (one) => t.fail(one.why) }, createVirtualClock())
    t.teardown(() => probe.close())
  })
}

test('good is the code that is wanted, and an output that fits', async (t) => {
  const table: [object, Partial<Sample>][] = [
    [{ process: node('') }, { n: 1, bad: 0, took: 0 }],
    [{ process: node('process.exitCode = 3') }, { bad: 1, took: 0, why: 'exit 3' }],
    [{ process: node('process.exitCode = 3'), expect: { exit: 3 } }, { bad: 0 }],
    [{ process: node('console.log("lag 12 ms")'), expect: { stdout: 'lag \\d+' } }, { bad: 0 }],
    [{ process: node('console.error("lag 12 ms")'), expect: { stdout: 'lag \\d+' } }, { bad: 1, why: 'what it prints does not fit' }],
    [{ process: node('setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM")') }, { bad: 1, why: 'ended by SIGTERM' }]
  ]
  await Promise.all(table.map(async ([written, expected]) => t.match(await firstOf(t, written), { source: 'job', ...expected }, JSON.stringify(written))))
})

test('no shell: what is written is what the program gets', async (t) => {
  const argument = '$HOME; echo *'
  const said = await firstOf(t, { process: [...node('process.exitCode = process.argv[1] === "$HOME; echo *" ? 0 : 1'), argument] })
  t.equal(said.bad, 0)
})

test('a program that is not there is bad', async (t) => {
  t.match(await firstOf(t, { process: [join(t.testdir(), 'none')] }), { bad: 1, took: Infinity, why: 'cannot be run: ENOENT' })
})

test('one that is late is killed, and what it started with it', async (t) => {
  const started = join(t.testdir(), 'pid')
  const child = `const { spawn } = require("node:child_process"), { writeFileSync } = require("node:fs")
    writeFileSync("${started}", String(spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]).pid))
    setInterval(() => {}, 1000)`
  const clock = createVirtualClock()
  const samples: Sample[] = []
  const probe = startProcessProbe(specOf({ process: node(child), every: '60s', timeout: '2s' }), { sample: (one) => samples.push(one), missing: (one) => t.fail(one.why) }, clock)
  while (!existsSync(started) || readFileSync(started, 'utf8') === '') await new Promise((resolve) => setImmediate(resolve))
  const pid = Number(readFileSync(started, 'utf8'))
  t.ok(lives(pid))
  await clock.advance(2000)
  t.match(samples, [{ bad: 1, took: Infinity, why: 'no answer within 2s' }])
  while (lives(pid)) await new Promise((resolve) => setImmediate(resolve))
  await probe.close()
})

/** A zombie, which nobody here may reap, does not live. */
function lives (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
