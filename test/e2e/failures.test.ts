import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { RunResult } from '../../src/experiment/result.ts'
import { run, start } from '../helpers/binary.ts'
import type { Binary } from '../helpers/binary.ts'
import { freePort } from '../helpers/port.ts'
import { serve, until } from '../helpers/sidecar.ts'
import type { Sidecar } from '../helpers/sidecar.ts'
import { hasTools } from '../helpers/tools.ts'

// What is left when something dies in the middle of a fault. Each case kills something real and looks at what remains; what
// it finds must be the row of that name in docs/failures.md, which is what people read.

/** For machines that are busy with other tests, in milliseconds. */
const PATIENCE = 60_000

/** A row of the page: how the command ended, what the run's outcome is, when its faults were gone, what its report has. */
interface Found { exit: string, outcome: string, gone: string, report: string }

interface Scene { folder: string, upstream: string, stopUpstream: () => Promise<void> }

const PAGE = readFileSync(new URL('../../docs/failures.md', import.meta.url), 'utf8')

const ROWS = new Map([...PAGE.matchAll(/^\| (.+) \|$/gm)].map(([, row]) => row!.split(' | ').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 5 && !['what happens', '---'].includes(cells[0]!))
  .map((cells) => {
    const [what, exit, outcome, gone, report] = cells as [string, string, string, string, string]
    return [what, { exit, outcome, gone, report }] as [string, Found]
  }))

async function setUp (t: Test): Promise<Scene> {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const stopUpstream = (): Promise<void> => new Promise((resolve) => { server.close(() => resolve()).closeAllConnections() })
  t.teardown(stopUpstream)
  return { folder: t.testdir({}), upstream: `127.0.0.1:${(server.address() as AddressInfo).port}`, stopUpstream }
}

const edge = (scene: Scene, listen = '127.0.0.1:0') => [{ name: 'edge', listen, protocol: 'http', upstream: scene.upstream }]

const sidecarOf = (t: Test, scene: Scene): Promise<Sidecar> => serve(t, scene.folder, edge(scene))

function experiment ({ folder }: Scene, edge: string, fault = '60s'): string {
  const file = join(folder, 'experiment.json')
  writeFileSync(file, JSON.stringify({
    title: 'What is left?',
    'steady-state': { at: 'edge', objectives: ['success >= 90%'] },
    load: { url: `http://${edge}/`, rate: '50/s', timeout: '2s' },
    phases: { baseline: '1s', fault, recovery: '1s' },
    faults: [{ type: 'delay', on: 'edge', delay: '20ms' }]
  }))
  return file
}

/** A command line that drives a run of a sidecar, whose fault is there when this resolves. */
async function drive (t: Test, scene: Scene, sidecar: Sidecar, fault?: string): Promise<Binary> {
  const driver = start(t, ['run', experiment(scene, sidecar.listen.edge!, fault), '--control', sidecar.control, '--json'], { cwd: scene.folder })
  await until(async () => (await sidecar.client.faults('edge')).length === 1, PATIENCE)
  return driver
}

/** A run in the process of its command line, whose fault is there when this resolves. */
async function embed (t: Test, scene: Scene, options: { env?: Record<string, string>, fault?: string } = {}): Promise<Binary> {
  const listen = `127.0.0.1:${await freePort()}`
  writeFileSync(join(scene.folder, 'premortem.yaml'), JSON.stringify({ data: join(scene.folder, 'data'), proxies: edge(scene, listen) }))
  const argv = ['run', experiment(scene, listen, options.fault), '--config', 'premortem.yaml', '--json']
  const driver = start(t, argv, { cwd: scene.folder, env: options.env })
  await until(() => journalOf(scene).includes('"action":"applied"'), PATIENCE)
  return driver
}

function journalOf ({ folder }: Scene): string {
  try {
    const [id] = readdirSync(join(folder, 'data', 'runs'))
    return readFileSync(join(folder, 'data', 'runs', id!, 'journal.jsonl'), 'utf8')
  } catch {
    return ''
  }
}

/** When the faults were gone, from now on. */
async function goneIn ({ client }: Sidecar): Promise<string> {
  const from = performance.now()
  await until(async () => (await client.faults('edge')).length === 0)
  const took = performance.now() - from
  // The lease is of 10 s; a second for machines that are busy.
  return took < 3000 ? 'at once' : took < 11_000 ? 'within 10 s' : `after ${took} ms`
}

/** What `premortem report` makes of the journal. */
async function reportOf (t: Test, { folder }: Scene): Promise<string> {
  const { code, out, err } = await run(t, ['report', 'latest', '--data', 'data'], { cwd: folder })
  if (code !== 0) return err
  return /no verdict/.test(out) && /run\.started[^]*applied/.test(out) ? 'how far it came' : /exit code/.test(out) ? 'whole' : out
}

/** Starts a sidecar over what is left in the folder: where its faults went. */
async function comeBack (t: Test, scene: Scene): Promise<string> {
  const again = await sidecarOf(t, scene)
  const { faults, halted, runs } = await again.client.state()
  return faults.length === 0 && halted === null && runs.length === 0 ? 'with the process' : JSON.stringify({ faults, halted, runs })
}

function resultOf (driver: Binary): RunResult {
  if (driver.out() === '') throw new Error(`it printed no result: ${driver.err()}`)
  return JSON.parse(driver.out()) as RunResult
}

async function outcomeOf ({ client }: Sidecar): Promise<string> {
  await until(async () => (await client.runs()).every(({ state }) => state === 'ended'))
  return (await client.runs())[0]!.outcome!
}

type Case = (t: Test, scene: Scene) => Promise<Found>

const CASES: Record<string, Case> = {
  async '`kill -9` of the command line that drives a sidecar' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    driver.child.kill('SIGKILL')
    const gone = await goneIn(sidecar)
    return { exit: String(await driver.ended ?? '-'), outcome: await outcomeOf(sidecar), gone, report: await reportOf(t, scene) }
  },

  async 'it hangs (`kill -STOP`), and wakes up when all is over' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    driver.child.kill('SIGSTOP')
    const gone = await goneIn(sidecar)
    const outcome = await outcomeOf(sidecar)
    driver.child.kill('SIGCONT')
    return { exit: String(await driver.ended), outcome, gone, report: await reportOf(t, scene) }
  },

  async '`kill -9` of the sidecar' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    sidecar.binary.child.kill('SIGKILL')
    const exit = await driver.ended
    t.match(driver.err(), /PMT_ERR_RUN_LOST/)
    const report = await reportOf(t, scene)
    return { exit: String(exit), outcome: 'none', gone: await comeBack(t, scene), report }
  },

  async '`kill -9` of both' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    sidecar.binary.child.kill('SIGKILL')
    driver.child.kill('SIGKILL')
    const exit = await driver.ended ?? '-'
    const report = await reportOf(t, scene)
    return { exit: String(exit), outcome: 'none', gone: await comeBack(t, scene), report }
  },

  async '`kill -9` of a run in one process' (t, scene) {
    const driver = await embed(t, scene)
    driver.child.kill('SIGKILL')
    const exit = await driver.ended ?? '-'
    const report = await reportOf(t, scene)
    return { exit: String(exit), outcome: 'none', gone: await comeBack(t, scene), report }
  },

  async 'Ctrl-C, and again before it has cleaned up' (t, scene) {
    const driver = await embed(t, scene)
    // Of two kinds, for two of one kind may arrive as one.
    driver.child.kill('SIGINT')
    driver.child.kill('SIGTERM')
    const exit = await driver.ended
    const report = await reportOf(t, scene)
    return { exit: String(exit), outcome: 'none', gone: await comeBack(t, scene), report }
  },

  async 'SIGTERM of a run in one process' (t, scene) {
    const driver = await embed(t, scene)
    driver.child.kill('SIGTERM')
    const exit = await driver.ended
    const { outcome, faults } = resultOf(driver)
    t.match(faults, [{ removed: true }])
    return { exit: String(exit), outcome, gone: 'at once', report: await reportOf(t, scene) }
  },

  async 'SIGTERM of the sidecar' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    sidecar.binary.child.kill('SIGTERM')
    t.equal(await sidecar.binary.ended, 0)
    const exit = await driver.ended
    t.equal(driver.err(), '')
    const { outcome, faults } = resultOf(driver)
    t.match(faults, [{ removed: true }])
    return { exit: String(exit), outcome, gone: 'at once', report: await reportOf(t, scene) }
  },

  async 'the panic lever (`premortem halt`)' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    t.match(await run(t, ['halt', '--reason', 'the pager rings', '--control', sidecar.control]), { code: 0 })
    const gone = await goneIn(sidecar)
    const exit = await driver.ended
    t.match(resultOf(driver).reasons[0], /the pager rings/)
    const again = await run(t, ['run', join(scene.folder, 'experiment.json'), '--control', sidecar.control])
    t.match(again, { code: 4, err: /PMT_ERR_HALTED/ }, 'nothing starts any more')
    return { exit: String(exit), outcome: resultOf(driver).outcome, gone, report: await reportOf(t, scene) }
  },

  async 'SIGUSR2 of the sidecar' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    sidecar.binary.child.kill('SIGUSR2')
    const gone = await goneIn(sidecar)
    const exit = await driver.ended
    t.match(resultOf(driver).reasons[0], /SIGUSR2/)
    t.match((await sidecar.client.state()).halted, { by: 'signal' })
    return { exit: String(exit), outcome: resultOf(driver).outcome, gone, report: await reportOf(t, scene) }
  },

  async 'SIGUSR2 of a run in one process' (t, scene) {
    const driver = await embed(t, scene)
    driver.child.kill('SIGUSR2')
    const exit = await driver.ended
    const { outcome, faults } = resultOf(driver)
    t.match(faults, [{ removed: true }])
    t.match(readFileSync(join(scene.folder, 'data', 'HALT'), 'utf8'), /^SIGUSR2\n/)
    const again = await run(t, ['run', join(scene.folder, 'experiment.json'), '--config', 'premortem.yaml'], { cwd: scene.folder })
    t.match(again, { code: 4, err: /PMT_ERR_HALTED/ }, 'the next process is halted, too')
    return { exit: String(exit), outcome, gone: 'at once', report: await reportOf(t, scene) }
  },

  async 'the file `HALT` appears, and the sidecar is started anew' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    writeFileSync(join(scene.folder, 'data', 'HALT'), 'customers complain\n')
    const gone = await goneIn(sidecar)
    const exit = await driver.ended
    t.match(resultOf(driver).reasons[0], /customers complain/)
    sidecar.binary.child.kill('SIGKILL')
    const { client } = await sidecarOf(t, scene)
    t.match(await client.halted(), { halted: { reason: 'customers complain', by: 'file' } })
    await t.rejects(client.addFault('edge', { type: 'delay', delay: '20ms' }), { code: 'PMT_ERR_HALTED' })
    await client.release('it was not us')
    t.match(await client.addFault('edge', { type: 'delay', delay: '20ms' }), { on: 'edge' })
    return { exit: String(exit), outcome: resultOf(driver).outcome, gone, report: await reportOf(t, scene) }
  },

  async 'the dependency dies under the fault, and stays dead' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar, '3s')
    await scene.stopUpstream()
    const exit = await driver.ended
    const { outcome, faults } = resultOf(driver)
    t.match(faults, [{ removed: true }])
    t.same(await sidecar.client.faults('edge'), [])
    return { exit: String(exit), outcome, gone: 'at once', report: await reportOf(t, scene) }
  },

  async 'the disk is full, so that the journal cannot be written' (t, scene) {
    const sidecar = await sidecarOf(t, scene)
    const driver = await drive(t, scene, sidecar)
    // No file of this process may grow any more: its next write fails.
    execFileSync('prlimit', [`--pid=${sidecar.binary.child.pid}`, '--fsize=1'])
    const gone = await goneIn(sidecar)
    const exit = await driver.ended
    t.same([sidecar.binary.child.exitCode, sidecar.binary.child.signalCode], [null, null], `the sidecar goes on: ${sidecar.binary.err().slice(-2000)}`)
    t.match(resultOf(driver).reasons[0], /journal.*EFBIG/)
    return { exit: String(exit), outcome: resultOf(driver).outcome, gone, report: await reportOf(t, scene) }
  },

  async 'the wall clock is set back by an hour' (t, scene) {
    const script = join(scene.folder, 'clock.mjs')
    writeFileSync(script, `
      import { existsSync } from 'node:fs'
      const { now } = Date
      Date.now = () => now() - (existsSync(${JSON.stringify(join(scene.folder, 'back'))}) ? 3_600_000 : 0)
    `)
    const driver = await embed(t, scene, { env: { NODE_OPTIONS: `--import=${script}` }, fault: '2s' })
    writeFileSync(join(scene.folder, 'back'), '')
    const exit = await driver.ended
    const result = resultOf(driver)
    t.ok(Date.parse(result.endedAt) < Date.parse(result.startedAt), 'the clock did go back')
    t.ok(result.took >= 4000 && result.took < 60_000, `took ${result.took} ms by the clock that nobody sets`)
    return { exit: String(exit), outcome: result.outcome, gone: 'at once', report: await reportOf(t, scene) }
  }
}

test('what is left when something dies is what the page says', { jobs: 3 }, async (t) => {
  t.strictSame(Object.keys(CASES), [...ROWS.keys()], 'every row of docs/failures.md is tried, and every case has one')
  for (const [what, of] of Object.entries(CASES)) {
    void t.test(what, async (t) => {
      if (what.startsWith('the disk') && !hasTools(t, 'prlimit')) return
      t.strictSame(await of(t, await setUp(t)), ROWS.get(what))
    })
  }
})
