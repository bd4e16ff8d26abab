import { shortDuration } from '../../kernel/units.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ActivityFailed } from './failure.ts'
import { runHttp } from './http.ts'
import type { ProviderTools } from './provider.ts'
import { isObject } from './python.ts'
import type { PythonFunction } from './python-functions.ts'
import type { Json, JsonObject } from './types.ts'

/** What asking Prometheus needs. */
export interface PrometheusTools extends ProviderTools { configuration: JsonObject }

type Does = (args: JsonObject, tools: PrometheusTools, signal: AbortSignal) => Promise<Json>

interface Prometheus extends PythonFunction { does: Does }

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 }

/** A time as people write it here: RFC 3339, `now`, `5 minutes ago`; in seconds since 1970. Throws ActivityFailed. */
export function promTime (text: string, clock: Clock): number {
  const now = clock.wall() / 1000
  if (text.trim() === 'now') return now
  const ago = /^\s*(an?|\d+)\s+(second|minute|hour|day|week)s?\s+ago\s*$/i.exec(text)
  if (ago !== null) return now - (/^an?$/i.test(ago[1]!) ? 1 : Number(ago[1])) * UNITS[ago[2]!.toLowerCase()]!
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new ActivityFailed(`failed to parse '${text}' as a time: say it as RFC 3339, or as in \`5 minutes ago\``)
  return ms / 1000
}

async function ask (
  path: string, params: JsonObject, args: JsonObject, tools: PrometheusTools, signal: AbortSignal
): Promise<JsonObject> {
  const base = tools.configuration.prometheus_base_url ?? 'http://localhost:9090'
  const answer = await runHttp({
    url: `${String(base)}/api/v1/${path}`,
    headers: { Accept: 'application/json' },
    arguments: { query: args.query!, ...params, ...(args.timeout === undefined ? {} : { timeout: args.timeout }) },
    ...(args.verify_tls === undefined ? {} : { verify_tls: args.verify_tls })
  }, tools, signal) as JsonObject
  const { status, body } = answer
  const told = typeof body === 'string' ? parsed(body) : body
  if (status === 200 && isObject(told)) return told
  throw new ActivityFailed(`the Prometheus query \`${String(args.query)}\` failed: ${typeof body === 'string' ? body : JSON.stringify(body)}`)
}

// Some servers add a charset to the type, which keeps a body from being parsed.
function parsed (text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const computeMean: Does = async (args, tools, signal) => {
  const end = tools.clock.wall() / 1000
  const start = end - shortDuration(String(args.window ?? '1d')) / 1000
  const answer = await ask('query_range', { start, end, step: (end - start) / 300 }, args, tools, signal)
  const [series] = ((answer.data as JsonObject | undefined)?.result ?? []) as JsonObject[]
  const values = ((series?.values ?? []) as [number, string][]).map(([, value]) => Number(value))
  if (values.length === 0) throw new ActivityFailed(`the Prometheus query \`${String(args.query)}\` gave no values`)
  const mean = (of: (value: number) => number): number => values.reduce((sum, value) => sum + of(value), 0) / values.length
  switch (args.mean_type ?? 'arithmetic') {
    case 'arithmetic': return mean((value) => value)
    case 'geometric': return Math.exp(mean(Math.log))
    case 'harmonic': return 1 / mean((value) => 1 / value)
    default: throw new ActivityFailed(`no such mean: ${String(args.mean_type)}`)
  }
}

/** The functions of chaostoolkit-prometheus. */
export const CHAOSPROMETHEUS: Readonly<Record<string, Prometheus>> = {
  'chaosprometheus.probes.query': {
    takes: ['query', 'when', 'timeout', 'verify_tls'],
    needs: ['query'],
    does: (args, tools, signal) => ask('query', args.when === undefined ? {} : { time: promTime(String(args.when), tools.clock) }, args, tools, signal)
  },
  'chaosprometheus.probes.query_interval': {
    takes: ['query', 'start', 'end', 'step', 'timeout', 'verify_tls'],
    needs: ['query', 'start', 'end'],
    does: (args, tools, signal) => ask('query_range', {
      start: promTime(String(args.start), tools.clock), end: promTime(String(args.end), tools.clock), step: args.step ?? 1
    }, args, tools, signal)
  },
  'chaosprometheus.probes.compute_mean': { takes: ['query', 'window', 'mean_type'], needs: ['query'], does: computeMean }
}
