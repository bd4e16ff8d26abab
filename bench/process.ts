import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { get } from 'node:https'
import { createInterface } from 'node:readline'

/** A process under measurement, listening on a port. */
export interface Running {
  name: string
  port: number
  /** Seconds of CPU that the process and its children have used. */
  cpu (): number
  stop (): Promise<void>
}

const TICKS = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout)

/** Whether a program of this name can be run. */
export function installed (program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

/** How a program under measurement is spoken to. */
export type Scheme = 'http' | 'https'

/** Starts a program and waits until it listens: it prints its port, or answers on the one given. */
export async function start (name: string, command: string[], port?: number, scheme: Scheme = 'http'): Promise<Running> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  const listening = port ?? await printedPort(child, name)
  if (port !== undefined) await answering(port, name, scheme)
  return {
    name,
    port: listening,
    cpu: () => cpuOf(child.pid!),
    async stop () {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
  }
}

async function printedPort (child: ChildProcess, name: string): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const port = Number(line)
    if (port > 0) return port
  }
  throw new Error(`${name} ended before it listened`)
}

async function answering (port: number, name: string, scheme: Scheme): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await answers(port, scheme)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${name} does not answer on port ${port}`)
}

async function answers (port: number, scheme: Scheme): Promise<boolean> {
  if (scheme === 'http') return (await fetch(`http://127.0.0.1:${port}/`).catch(() => null))?.ok === true
  return await new Promise((resolve) => {
    get({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().on('end', () => { resolve(response.statusCode === 200) })
    }).on('error', () => { resolve(false) })
  })
}

// Of the process and its living children: nginx works in one of them.
function cpuOf (pid: number): number {
  const fields = (id: number | string): string[] => {
    try {
      return readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    } catch {
      return []
    }
  }
  const ticks = (stat: string[]): number => Number(stat[11] ?? 0) + Number(stat[12] ?? 0)
  let sum = ticks(fields(pid))
  for (const other of readdirSync('/proc')) {
    if (!/^\d+$/.test(other)) continue
    const stat = fields(other)
    if (Number(stat[1]) === pid) sum += ticks(stat)
  }
  return sum / TICKS
}

/** What wrk saw. */
export interface Load { requests: number, seconds: number, errors: number, bytes: number }

/** How wrk loads a port: with `connections` keep-alive connections unless `close`. */
export interface LoadOptions { seconds: number, connections?: number, path?: string, close?: boolean, scheme?: Scheme }

/** Runs wrk against a port. */
export function wrk (port: number, options: LoadOptions): Load {
  const run = spawnSync('wrk', wrkArguments(port, 'wrk', options), { encoding: 'utf8' })
  return loadOf(run.stdout) ?? failed(run.stdout + run.stderr)
}

/**
 * The same, but for the first second or two, in which connections are opened; `warm` is called after that. Of the load only
 * what came later is counted.
 */
export async function warmWrk (port: number, options: LoadOptions, warm: () => void): Promise<Load> {
  const { seconds } = options
  const child = spawn('wrk', wrkArguments(port, 'wrk-warm', { ...options, seconds: seconds + 2 }), { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  let since = 0
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line !== 'warm') continue
    since = performance.now()
    warm()
  }
  const load = loadOf(lines.join('\n'))
  if (load === undefined || since === 0) return failed(lines.join('\n'))
  return { ...load, seconds: (performance.now() - since) / 1000 }
}

function wrkArguments (port: number, script: string, { seconds, connections = 64, path = '/', close = false, scheme = 'http' }: LoadOptions): string[] {
  const file = new URL(`./${script}.lua`, import.meta.url).pathname
  const headers = close ? ['-H', 'Connection: close'] : []
  return ['-t1', `-c${connections}`, `-d${seconds}s`, ...headers, '-s', file, `${scheme}://127.0.0.1:${port}${path}`]
}

function loadOf (printed: string): Load | undefined {
  const line = /^result (\d+) (\d+) (\d+) (\d+)$/m.exec(printed)
  if (line === null) return undefined
  const [requests, microseconds, errors, bytes] = line.slice(1).map(Number) as [number, number, number, number]
  return { requests, seconds: microseconds / 1e6, errors, bytes }
}

function failed (printed: string): never {
  throw new Error(`wrk failed: ${printed}`)
}

/**
 * Opens TLS connections to a port without ever resuming a session, each for one request: with `clients` of openssl's
 * s_time, side by side, because wrk resumes.
 */
export function handshakes (port: number, { seconds, clients = 16 }: { seconds: number, clients?: number }): Load {
  const one = `openssl s_time -connect 127.0.0.1:${port} -new -tls1_3 -no-CAfile -no-CApath -www / -time ${seconds} 2>&1 &`
  const before = performance.now()
  const run = spawnSync('sh', ['-c', `${one.repeat(clients)} wait`], { encoding: 'utf8' })
  const took = (performance.now() - before) / 1000
  const lines = [...run.stdout.matchAll(/^(\d+) connections in \d+ real seconds, (\d+) bytes read per connection$/gm)]
  if (lines.length === 0) throw new Error(`openssl s_time failed: ${run.stdout}`)
  const requests = lines.reduce((sum, [, connections]) => sum + Number(connections), 0)
  const bytes = lines.reduce((sum, [, connections, each]) => sum + Number(connections) * Number(each), 0)
  // One that meets an error says so and ends.
  return { requests, seconds: took, errors: clients - lines.length, bytes }
}
