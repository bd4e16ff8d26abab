import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { Test } from 'tap'
import { freePort } from './helpers/port.ts'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

async function listen (server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return (server.address() as AddressInfo).port
}

function stop (server: Server): Promise<void> {
  return new Promise((resolve) => { server.close(() => resolve()).closeAllConnections() })
}

interface Service { status: () => number, dependency?: number, onFailure?: () => void }

/** A service that answers with a status; with a dependency, it asks that first, each time on a connection of its own. */
async function startService (t: Test, { status, dependency, onFailure }: Service): Promise<number> {
  const server = createServer((_, response) => {
    const answer = (): void => { response.writeHead(status()).end('ok') }
    if (dependency === undefined) return answer()
    get({ host: '127.0.0.1', port: dependency, agent: false }, (reply) => { reply.resume().on('end', answer) }).on('error', () => {
      onFailure?.()
      answer()
    })
  })
  t.teardown(() => stop(server))
  return listen(server)
}

interface Setup { objectives?: string, guardrails?: string, fault: string, phases?: string, service?: (dep: number) => Service }

/** Files for one experiment: `edge` in front of a service, `dep` in front of what that may call. */
async function prepare (t: Test, { objectives = 'success >= 90%', guardrails = '', fault, phases, service }: Setup) {
  const [edge, dep] = [await freePort(), await freePort()]
  const dependency = await startService(t, { status: () => 200 })
  const upstream = await startService(t, service?.(dep) ?? { status: () => 200 })
  const folder = t.testdir()
  const [config, file] = [join(folder, 'premortem.yaml'), join(folder, 'experiment.yaml')]
  writeFileSync(config, `
control: { listen: 127.0.0.1:0 }
data: ${join(folder, 'data')}
proxies:
  - { name: edge, listen: 127.0.0.1:${edge}, protocol: http, upstream: 127.0.0.1:${upstream} }
  - { name: dep, listen: 127.0.0.1:${dep}, protocol: http, upstream: 127.0.0.1:${dependency} }
`)
  writeFileSync(file, `
title: Which exit code?
steady-state: { at: edge, objectives: [${objectives}] }
load: { url: http://127.0.0.1:${edge}/, rate: 100/s, timeout: 2s }
phases: ${phases ?? '{ baseline: 1s, fault: 1s, recovery: 1s }'}
faults: [${fault}]
guardrails: [${guardrails}]
`)
  return ['run', file, '--config', config, '--json']
}

interface Ended { code: number | null, stdout: string, stderr: string }

type Kill = (signal: NodeJS.Signals) => void

/** The real binary. `onSpawn` gets a function that sends it a signal. */
function premortem (t: Test, args: readonly string[], onSpawn?: (kill: Kill) => void): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    t.teardown(() => { child.kill('SIGKILL') })
    const ended: Ended = { code: null, stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => { ended.stdout += chunk })
    child.stderr.on('data', (chunk: Buffer) => { ended.stderr += chunk })
    child.on('close', (code) => resolve({ ...ended, code }))
    onSpawn?.((signal) => child.kill(signal))
  })
}

async function expectRun (t: Test, setup: Setup, code: number, outcome: string): Promise<void> {
  const ended = await premortem(t, await prepare(t, setup))
  t.equal(ended.code, code, 'the process', { found: ended })
  t.match(JSON.parse(ended.stdout), { outcome, exitCode: code }, 'the result')
}

const unavailable = '{ type: status, status: 503, on: edge }'

test('the exit code of the real binary is the verdict', { jobs: 3 }, async (t) => {
  if (!existsSync(MAIN)) return t.fail('dist/main.js is missing: npm run build')

  void t.test('0: held', (t) => expectRun(t, { fault: '{ type: delay, delay: 5ms, on: edge }' }, 0, 'held'))

  void t.test('1: breached, and back afterwards', (t) => expectRun(t, { fault: unavailable }, 1, 'breached'))

  void t.test('2: an invalid file', async (t) => {
    const ended = await premortem(t, await prepare(t, { objectives: 'sucess >= 90%', fault: unavailable }))
    t.equal(ended.code, 2)
    t.match(ended.stdout + ended.stderr, 'steady-state.objectives.0')
  })

  void t.test('2: a command line that does not fit', async (t) => {
    t.equal((await premortem(t, ['run'])).code, 2)
    t.equal((await premortem(t, ['nothing-of-the-kind'])).code, 2)
  })

  void t.test('3: inconclusive, for 100 requests cannot show 99.9 %', (t) =>
    expectRun(t, { objectives: 'success >= 99.9%', fault: '{ type: delay, delay: 5ms, on: edge }' }, 3, 'inconclusive'))

  void t.test('4: ended by a guardrail', (t) => expectRun(t, {
    guardrails: 'success >= 50%', fault: unavailable, phases: '{ baseline: 1s, fault: 20s, recovery: 1s }'
  }, 4, 'aborted'))

  void t.test('5: broken before anything was broken', (t) =>
    expectRun(t, { fault: unavailable, service: () => ({ status: () => 503 }) }, 5, 'baseline-not-steady'))

  void t.test('6: a fault that hits nothing', (t) => expectRun(t, {
    fault: '{ type: status, status: 503, on: edge, match: { path: /nobody/asks/this } }'
  }, 6, 'fault-did-not-land'))

  void t.test('7: a circuit breaker that never closes again', (t) => {
    let open = false
    const service = (dependency: number): Service => ({
      dependency, status: () => open ? 503 : 200, onFailure: () => { open = true }
    })
    return expectRun(t, { fault: '{ type: refuse, on: dep }', service }, 7, 'not-recovered')
  })

  void t.test('130: Ctrl-C in the middle of the fault, which is gone before the process is', async (t) => {
    let asked = 0
    let interrupt = (): void => {}
    // Under the fault nothing reaches the service any more, so its last request is just before.
    const service = (): Service => ({
      status: () => {
        if (++asked === 90) setTimeout(() => interrupt(), 2000).unref()
        return 200
      }
    })
    const args = await prepare(t, { fault: unavailable, phases: '{ baseline: 1s, fault: 30s, recovery: 1s }', service })
    const ended = await premortem(t, args, (kill) => { interrupt = () => kill('SIGINT') })
    t.equal(ended.code, 130, 'the process', { found: ended })
    t.match(JSON.parse(ended.stdout), { outcome: 'interrupted', faults: [{ landed: true, removed: true }] })
  })
})
