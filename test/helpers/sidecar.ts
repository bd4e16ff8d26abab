import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { ControlClient } from '../../src/api/client.ts'
import { start } from './binary.ts'
import type { Binary } from './binary.ts'

/** Its process, what it has printed so far, and its end. */
export interface Launched { child: ChildProcess, out: () => string, ended: Promise<unknown> }

/** Starts another program; killed when the test is over. */
export function launch (t: Test, command: string, args: string[]): Launched {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, out: () => out, ended }
}

/** A running `premortem serve`: its process, its control URL and where its proxies listen. */
export interface Sidecar { binary: Binary, control: string, client: ControlClient, listen: Record<string, string> }

/** Starts `premortem serve` with these proxies in a folder; ports may be 0. */
export async function serve (t: Test, folder: string, proxies: object[]): Promise<Sidecar> {
  const file = join(folder, 'premortem.yaml')
  writeFileSync(file, JSON.stringify({ control: { listen: '127.0.0.1:0' }, data: join(folder, 'data'), seed: 7, proxies }))
  const binary = start(t, ['serve', '--config', file], { cwd: folder })
  const printed = await binary.printed(/control API at http:\/\/[\d.:]+/)
  const control = /control API at (http:\/\/[\d.:]+)/.exec(printed)![1]!
  const client = new ControlClient(control)
  const listen = Object.fromEntries((await client.proxies()).map((proxy) => [proxy.name, proxy.listen]))
  return { binary, control, client, listen }
}

/** Waits until a condition holds; throws after `limit` milliseconds. */
export async function until (condition: () => boolean | Promise<boolean>, limit = 20_000): Promise<void> {
  const end = performance.now() + limit
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`waited ${limit} ms for ${String(condition)}`)
    await sleep(20)
  }
}
