import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { ActivityTools } from '../../../src/adapters/chaos-toolkit/activity.ts'
import { NO_SCOPE } from '../../../src/adapters/chaos-toolkit/substitution.ts'
import type { Activity, Json } from '../../../src/adapters/chaos-toolkit/types.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import type { VirtualClock } from '../../helpers/clock.ts'

/** What doing activities needs, with a clock that the test moves. */
export interface World extends ActivityTools { clock: VirtualClock }

/** Without a time limit, unless the test sets one: what is real may take its time. */
export function createWorld (more: Partial<ActivityTools> = {}): World {
  const usual = { env: { PATH: process.env.PATH }, verifyTls: true, timeout: null, scope: NO_SCOPE, dry: null, toxiproxy: null }
  return { ...usual, ...more, clock: createVirtualClock() }
}

/** A signal that never aborts. */
export const never = (): AbortSignal => new AbortController().signal

/** Moves the clock on, step by step, until a promise has settled: what it waits for may be real. */
export async function untilSettled<T> (clock: VirtualClock, promise: Promise<T>, step = 10): Promise<T> {
  const state = { settled: false }
  const mark = (): void => { state.settled = true }
  promise.then(mark, mark)
  while (!state.settled) await clock.advance(step)
  return await promise
}

/** An http service on loopback; its address. */
export async function startService (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => { server.close(resolve) })
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An activity of a provider. */
export const activityOf = (type: 'probe' | 'action', name: string, provider: object, more: object = {}): Activity =>
  ({ type, name, provider, ...more }) as unknown as Activity

/** A probe that finds a file, or not. */
export const existsProbe = (path: string, tolerance: Json = true): Activity =>
  activityOf('probe', `exists ${path.split('/').at(-1)}`, { type: 'python', module: 'os.path', func: 'exists', arguments: { path } }, { tolerance })

/** An activity that takes seconds by the virtual clock. */
export const idle = (name: string, duration: number, more: object = {}): Activity =>
  activityOf('action', name, { type: 'python', module: 'chaosaddons.utils.idle', func: 'idle_for', arguments: { duration } }, more)

/** An action that runs a program. */
export const program = (name: string, path: string, args: Json, more: object = {}): Activity =>
  activityOf('action', name, { type: 'process', path, arguments: args }, more)
