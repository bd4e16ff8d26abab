import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { HeadersSchema } from '../faults/header.ts'
import { PremortemError } from '../kernel/errors.ts'
import { compileSearch } from '../kernel/pattern.ts'
import type { Pattern } from '../kernel/pattern.ts'
import { Duration, Strict, decode, nearest } from '../kernel/schema.ts'
import { isSourceName } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import { parseCheck } from './threshold.ts'
import type { Check } from './threshold.ts'

/** What every source has. Times are milliseconds. */
interface Every { name: string, every: number }

/** A request at fixed times. Good: one of the statuses, and the body fits. */
export interface HttpSource extends Every {
  type: 'http'
  url: string
  method: string
  headers: Record<string, string>
  timeout: number
  /** Empty: any from 200 to 299. */
  status: number[]
  body: Pattern | undefined
}

/** A program at fixed times, without a shell. Good: it ends with this code, and what it prints fits. */
export interface ProcessSource extends Every { type: 'process', command: [string, ...string[]], timeout: number, exit: number, stdout: Pattern | undefined }

interface PrometheusServer extends Every { type: 'prometheus', url: string, headers: Record<string, string>, tokenEnv: string | undefined, timeout: number }

/** Two counters in a Prometheus: what was counted between two readings is so many samples. */
export interface CounterSource extends PrometheusServer { counts: 'good' | 'bad', part: string, total: string }

/** A query to a Prometheus at fixed times: each answer is a sample, good if it passes the check. */
export interface QuerySource extends PrometheusServer { query: string, check: Check }

/** Where samples come from, beside the traffic. */
export type SourceSpec = HttpSource | ProcessSource | CounterSource | QuerySource

const url = (description: string) => Type.String({ pattern: '^https?://', wanted: 'an http:// or https:// URL', description })
const every = (usual: string) => Duration({ description: 'how often, at fixed times whatever the answers do; at least 100ms', default: usual })
const regex = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))
const code = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum })
const status = code(100, 599)
const text = (description: string) => Type.String({ minLength: 1, description })

/** Schemas of the sources, by the key that tells them apart. */
export const SOURCE_SCHEMAS = {
  http: Strict({
    http: url('what is requested'),
    every: every('1s'),
    timeout: Duration({ description: 'after which a probe counts as bad, from when it was due', default: '5s' }),
    method: Type.String({ pattern: '^[A-Za-z]+$', wanted: 'a method such as GET', default: 'GET' }),
    headers: HeadersSchema({ description: 'headers of each request', default: {} }),
    expect: Strict({
      status: Type.Optional(Type.Union([status, Type.Array(status, { minItems: 1 })], { wanted: 'a status such as 200, or a list of them', description: 'what the status must be; any from 200 to 299 if left out' })),
      body: regex('a regular expression that must be found in the body')
    }, { default: {} })
  }),
  process: Strict({
    process: Type.Array(Type.String({ pattern: '^[^\\0]*$' }), { minItems: 1, wanted: 'a program and its arguments, such as [curl, -f, "http://127.0.0.1/"]', description: 'a program and its arguments; no shell' }),
    every: every('5s'),
    timeout: Duration({ description: 'after which it is killed and counts as bad', default: '30s' }),
    expect: Strict({ exit: Type.Integer({ minimum: 0, maximum: 255, default: 0 }), stdout: regex('a regular expression that must be found in what it prints') }, { default: {} })
  }),
  prometheus: Strict({
    prometheus: url('where it is, such as http://127.0.0.1:9090'),
    good: Type.Optional(text('PromQL: a counter of what was good')),
    bad: Type.Optional(text('PromQL: a counter of what was bad; instead of `good`')),
    total: Type.Optional(text('PromQL: a counter of all')),
    query: Type.Optional(text('PromQL: one number')),
    expect: Type.Optional(Type.String({ description: 'what that number must be, such as `<= 0.3`' })),
    every: every('5s'),
    timeout: Duration({ description: 'after which an answer counts as missing', default: '5s' }),
    headers: HeadersSchema({ description: 'headers of each request', default: {} }),
    'token-env': Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', wanted: 'the name of an environment variable', description: 'the environment variable that holds its bearer token' }))
  })
} as const

type Kind = keyof typeof SOURCE_SCHEMAS

const KINDS = Object.keys(SOURCE_SCHEMAS) as Kind[]

/** The shortest time between two samples, in milliseconds. */
const SHORTEST = 100

const refuse = (details: ConstructorParameters<typeof PremortemError>[1]): never => { throw new PremortemError('PMT_ERR_INVALID', details) }

/** The sources of a document, below `path`. Throws PMT_ERR_INVALID. */
export function decodeSources (written: Record<string, unknown>, path: string): SourceSpec[] {
  return Object.entries(written).map(([name, source]) => {
    const base = `${path}.${name}`
    if (!isSourceName(name)) {
      refuse({ message: 'no name for a source', path: base, found: name, wanted: 'a word such as login that is not success, handshake or a percentile' })
    }
    const spec = decodeSource(name, source, base)
    if (spec.every < SHORTEST) refuse({ path: `${base}.every`, found: spec.every, wanted: 'at least 100ms' })
    if ('timeout' in spec && spec.timeout === 0) refuse({ path: `${base}.timeout`, found: 0, wanted: 'a duration above 0' })
    return spec
  })
}

function decodeSource (name: string, source: unknown, base: string): SourceSpec {
  const keys = typeof source === 'object' && source !== null && !Array.isArray(source) ? Object.keys(source) : []
  const kinds = KINDS.filter((kind) => keys.includes(kind))
  if (kinds.length !== 1) {
    const near = keys.map((key) => nearest(key, KINDS)).find((found) => found !== undefined)
    const hint = kinds.length === 0 && near !== undefined ? `did you mean \`${near}\`?` : undefined
    return refuse({ message: 'it is not clear what is asked', path: base, found: kinds.length > 0 ? kinds.join(' and ') : keys.join(', ') || source, wanted: `one of ${KINDS.join(', ')}`, hint })
  }
  switch (kinds[0]!) {
    case 'http': {
      const { http, every, timeout, method, headers, expect } = read(SOURCE_SCHEMAS.http, source, base)
      const status = expect.status === undefined ? [] : [expect.status].flat()
      return { type: 'http', name, every, timeout, url: urlOf(http, `${base}.http`), method: method.toUpperCase(), headers, status, body: search(expect.body, `${base}.expect.body`) }
    }
    case 'process': {
      const { process, every, timeout, expect } = read(SOURCE_SCHEMAS.process, source, base)
      if (process[0] === '') refuse({ path: `${base}.process.0`, found: '', wanted: 'the name of a program' })
      return { type: 'process', name, every, timeout, command: process as [string, ...string[]], exit: expect.exit, stdout: search(expect.stdout, `${base}.expect.stdout`) }
    }
    case 'prometheus': return decodePrometheus(name, source, base)
  }
}

function decodePrometheus (name: string, source: unknown, base: string): CounterSource | QuerySource {
  const { prometheus, good, bad, total, query, expect, every, timeout, headers, 'token-env': tokenEnv } = read(SOURCE_SCHEMAS.prometheus, source, base)
  const server = { type: 'prometheus' as const, name, url: urlOf(prometheus, `${base}.prometheus`), every, timeout, headers, tokenEnv }
  const given = Object.entries({ good, bad, total, query, expect }).flatMap(([key, value]) => value === undefined ? [] : [key])
  switch (given.join(' ')) {
    case 'good total': return { ...server, counts: 'good', part: good!, total: total! }
    case 'bad total': return { ...server, counts: 'bad', part: bad!, total: total! }
    case 'query expect': return { ...server, query: query!, check: parseCheck(expect!, `${base}.expect`) }
    default: return refuse({ message: 'it is not clear what is counted', path: base, found: given.join(', ') || 'nothing', wanted: '`good` (or `bad`) and `total`, or `query` and `expect`' })
  }
}

const read = <T extends TSchema>(schema: T, source: unknown, base: string) => decode(schema, source, base)

function urlOf (written: string, path: string): string {
  return URL.canParse(written) ? written : refuse({ message: 'not a URL', path, found: written, wanted: 'a URL such as http://127.0.0.1:8080/login' })
}

function search (written: string | undefined, path: string): Pattern | undefined {
  if (written === undefined) return undefined
  try {
    return compileSearch(written)
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path }) : error
  }
}

/** When a guardrail is blind: after how many seconds of silence, if there would have been enough in them. */
export interface Pace { silence: number, enough: number }

/** The pace of a source. Probes are few, but each is asked for on purpose; counters count as traffic does. */
export function paceOf (spec: SourceSpec): Pace {
  return { silence: Math.max(15, Math.ceil(3 * spec.every / 1000)), enough: 'total' in spec ? 20 : 2 }
}

/** Whether the answers of a source take a time that can be judged. */
export const hasTimes = ({ type }: SourceSpec): boolean => type !== 'prometheus'

/** Throws PMT_ERR_INVALID for an objective on the times of a source that has none. `path` is that of the list. */
export function checkTimes (objectives: readonly Objective[], sources: readonly SourceSpec[], path: string): void {
  for (const [i, { kind, source, text }] of objectives.entries()) {
    const found = sources.find(({ name }) => name === source)
    if (kind !== 'latency' || found === undefined || hasTimes(found)) continue
    refuse({ message: `${source} is counted by Prometheus, whose own time to answer is no latency`, path: `${path}.${i}`, found: text, wanted: `${source} >= 99%, or a query of the quantile with \`expect\`` })
  }
}

/** A source of samples as the document has it: what is asked, in a few words, and how often, in milliseconds. */
export interface SourceResult { name: string, type: 'http' | 'process' | 'prometheus', what: string, every: number }

/** A source as results have it. */
export function sourceResult (spec: SourceSpec): SourceResult {
  return { name: spec.name, type: spec.type, what: describeSource(spec), every: spec.every }
}

/** A source in a few words, as in `GET http://127.0.0.1:8080/login`. */
function describeSource (spec: SourceSpec): string {
  if (spec.type === 'http') return `${spec.method} ${spec.url}`
  if (spec.type === 'process') return spec.command.join(' ')
  return 'query' in spec ? `${spec.query} ${spec.check.text} at ${spec.url}` : `${spec.part} of ${spec.total} at ${spec.url}`
}
