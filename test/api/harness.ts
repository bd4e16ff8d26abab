import { NOT_ALLOWED } from '../../src/experiment/allowed.ts'
import type { FastifyInstance } from 'fastify'
import { createMetrics } from '../../src/adapters/prometheus.ts'
import { createLocalPlane } from '../../src/adapters/local-plane.ts'
import type { ApiDeps } from '../../src/api/deps.ts'
import { createFleetPlane } from '../../src/api/remote-plane.ts'
import { buildApi } from '../../src/api/server.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import type { Logger } from '../../src/kernel/log.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { Proxies } from '../../src/proxy/proxies.ts'
import { UNPROTECTED } from '../../src/proxy/protection.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import { createIdentitySource } from '../../src/proxy/tls/authority-source.ts'

/** What a test needs of tap. */
export interface Teardown { teardown (fn: () => unknown): unknown }

interface Line { level: string, fields: Record<string, unknown>, message: string }

/** A logger that remembers its lines. */
export function createRecordingLogger (): Logger & { lines: Line[] } {
  const lines: Line[] = []
  const at = (level: string) => (fields: object | string, message?: string): void => {
    lines.push(typeof fields === 'string' ? { level, fields: {}, message: fields } : { level, fields: fields as Record<string, unknown>, message: message ?? '' })
  }
  const logger = { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => logger }
  return logger
}

/** A registry of runs that keeps what it was asked, and starts nothing. */
export function createFakeRuns (): ApiDeps['runs'] & { calls: unknown[][], views: Map<string, RunView> } {
  const calls: unknown[][] = []
  const views = new Map<string, RunView>()
  const view = (id: string): RunView => {
    const found = views.get(id)
    if (found === undefined) throw new PremortemError('PMT_ERR_RUN_NOT_FOUND', { found: id })
    return found
  }
  return {
    calls,
    views,
    async start (written, options) {
      const experiment = decodeExperiment(written)
      calls.push(['start', written, options])
      const id = `run-${views.size + 1}`
      views.set(id, {
        id, title: experiment.title, state: 'running', phase: 'baseline', phaseEndsAt: null, startedAt: '2026-01-01T00:00:00.000Z', live: null, outcome: null, exitCode: null, folder: `data/runs/${id}`, seed: options?.seed ?? 1, result: null
      })
      return view(id)
    },
    view,
    list: () => [...views.values()],
    heartbeat (id) {
      calls.push(['heartbeat', id])
      return view(id)
    },
    abort (id, reason, outcome) {
      calls.push(['abort', id, reason, outcome])
      return view(id)
    },
    alert (id, titles) {
      calls.push(['alert', id, titles])
      return id === 'current' ? views.size : view(id) === undefined ? 0 : 1
    }
  }
}

/** A control API over real proxies, with runs that are not. */
export async function createHarness (t: Teardown, options: Partial<ApiDeps> & { clock?: Clock, proxySpecs?: object[] } = {}) {
  const clock = options.clock ?? createSystemClock()
  const log = createRecordingLogger()
  const events = new EventBus(clock)
  const halt = new Halt(clock, events)
  const proxies = new Proxies({ clock, random: createRandom(7), log, events, halt, identities: () => identities() })
  const settings = () => proxies.list().map((proxy) => proxy.settings)
  const identities = createIdentitySource({ folder: undefined, names: [] }, settings, clock)
  await proxies.start()
  for (const spec of options.proxySpecs ?? []) await proxies.add(decodeProxy(spec))
  const runs = createFakeRuns()
  const sidecars = options.sidecars ?? []
  const lag = () => ({ p50: 1, p99: 2, max: 3 })
  const deps: ApiDeps = {
    proxies,
    identities,
    runs,
    plane: createFleetPlane(createLocalPlane({ proxies, clock }), sidecars),
    protection: UNPROTECTED,
    allowed: NOT_ALLOWED,
    halt,
    events,
    clock,
    log,
    metrics: createMetrics({ proxies, runs, halt, lag, version: '1.2.3' }),
    sidecars,
    tokens: {},
    control: { host: '127.0.0.1', port: 0 },
    version: '1.2.3',
    startedAt: new Date(clock.wall()).toISOString(),
    lag,
    report: async (id, format) => format === 'json' ? JSON.stringify({ id }) : `the report of ${id}`,
    history: async () => [],
    schedule: { views: () => [] },
    ...options
  }
  const api: FastifyInstance = await buildApi(deps)
  t.teardown(async () => {
    await api.close()
    await proxies.stop()
  })
  return { api, clock, log, events, halt, proxies, runs, deps }
}

/** Listens on loopback; the address. */
export async function listen (api: FastifyInstance): Promise<string> {
  return api.listen({ host: '127.0.0.1', port: 0 })
}

/** A proxy in front of nothing, on a free port. */
export const EDGE = { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: ['a=127.0.0.1:9', 'b=127.0.0.1:10'] }

/** The smallest experiment there is. */
export const EXPERIMENT = {
  title: 'What if?',
  'steady-state': { at: 'edge', objectives: ['success >= 90%'] },
  phases: { baseline: '1s', fault: '1s', recovery: '1s' },
  faults: [{ type: 'delay', on: 'edge', delay: '10ms' }]
}
