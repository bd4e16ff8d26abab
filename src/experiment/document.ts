import { Type } from 'typebox'
import type { Static, StaticDecode } from 'typebox'
import { decodeFault } from '../faults/envelope.ts'
import type { Fault } from '../faults/envelope.ts'
import { HeadersSchema } from '../faults/header.ts'
import { PremortemError } from '../kernel/errors.ts'
import { Duration, Frequency, OneOf, Strict, decode } from '../kernel/schema.ts'
import { parseObjectiveOn } from '../measure/objective.ts'
import type { Objective } from '../measure/objective.ts'
import { decodeBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { checkDesign, designOf } from './design.ts'
import type { Design } from './design.ts'
import { decodeGuardrail } from './guardrail.ts'
import type { Guardrail } from './guardrail.ts'
import { LimitSchema, decodeLimit, withSearched } from './limit/document.ts'
import type { LimitSpec } from './limit/document.ts'
import type { LoadSpec } from './ports.ts'
import { checkTimes, decodeSources } from './sources.ts'
import type { SourceSpec } from './sources.ts'
import { WindowsSchema, decodeWindows } from './windows.ts'
import type { Window } from './windows.ts'

const impact = OneOf(['high', 'medium', 'low', 'none'])
const objectives = (description: string) => Type.Array(Type.String({ minLength: 1 }), {
  description, wanted: 'a list of objectives such as [success >= 99%, p95 <= 300ms]', minItems: 1
})

/** Schema of an experiment document, as written. Each fault is checked against its own type's schema after this. */
export const ExperimentSchema = Strict({
  title: Type.String({ minLength: 1, description: 'the question, in one line' }),
  description: Type.Optional(Type.String({ description: 'what should happen, and why' })),
  contributions: Type.Optional(Type.Record(Type.String(), impact, {
    propertyNames: { pattern: '^[^\\r\\n]+$' },
    description: 'which qualities it tells about',
    wanted: 'names such as resilience, each high, medium, low or none'
  })),
  tags: Type.Optional(Type.Array(Type.String(), { description: 'free words' })),
  'steady-state': Strict({
    at: Type.String({ minLength: 1, description: 'the proxy whose traffic users feel; `sidecar/proxy` for one of another sidecar' }),
    objectives: objectives('what must hold, each a proportion'),
    source: Type.Optional(OneOf(['proxy', 'load'], {
      description: 'who measures requests: the proxy, or the load generator from its intended send times; `load` if there is a load, else `proxy`. Handshakes are always the proxy\'s'
    })),
    sources: Type.Optional(Type.Record(Type.String(), Type.Unknown(), {
      description: 'what is asked beside the traffic, by the names that objectives give it: `http`, `process` or `prometheus`',
      wanted: 'names such as login, each with http, process or prometheus'
    }))
  }),
  load: Type.Optional(Strict({
    url: Type.String({ pattern: '^https?://', wanted: 'an http:// or https:// URL', description: 'what is requested' }),
    rate: Frequency({ description: 'requests a second, open loop' }),
    method: Type.Optional(Type.String({ minLength: 1, default: 'GET' })),
    headers: Type.Optional(HeadersSchema({ description: 'headers of each request', default: {} })),
    body: Type.Optional(Type.String()),
    timeout: Duration({ description: 'after which a request counts as bad', default: '10s' }),
    users: Type.Optional(Type.Integer({ minimum: 2, maximum: 1_000_000, description: 'in how many users\' names requests are sent, in turn: `{user}` in its URL, headers or body stands for 1, 2, ...' }))
  }, { description: 'traffic, where there is none' })),
  phases: Strict({
    warmup: Duration({ description: 'not counted', default: 0 }),
    baseline: Duration({ description: 'the steady state is measured, and must hold' }),
    fault: Duration({ description: 'the faults are active' }),
    recovery: Duration({ description: 'the system comes back' })
  }),
  faults: Type.Array(Type.Unknown(), { minItems: 1, description: 'faults, each with `on`', wanted: 'a list of faults' }),
  compare: Type.Optional(OneOf(['concurrent', 'switchback', 'before-after'], {
    description: 'what the fault phase is compared with: the traffic that a share spares, at the same time; stretches without the faults between those with them; or the baseline. `concurrent` where it can be, if left out'
  })),
  switchback: Type.Optional(Strict({
    pairs: Type.Optional(Type.Integer({ minimum: 5, maximum: 16, default: 6, description: 'stretches with the faults, each beside one without, in random order' })),
    settle: Type.Optional(Duration({ description: 'how much at both ends of each stretch is not counted: for what went before to be over, and for what was begun to end', default: '1s' }))
  }, { description: 'of `compare: switchback`' })),
  windows: Type.Optional(WindowsSchema),
  concurrent: Type.Optional(OneOf(['refuse', 'allow'], { default: 'refuse', description: 'whether another run that allows it, too, may use the same proxies at the same time' })),
  limit: Type.Optional(LimitSchema),
  guardrails: Type.Optional(Type.Array(Type.Unknown(), {
    default: [],
    description: 'conditions that end the run when broken beyond chance; each an objective, or a mapping of `objective`, `unacceptable` and `alpha`',
    wanted: 'a list of objectives such as [success >= 50%]'
  })),
  budget: Type.Optional(Type.Unknown({ description: 'what the run may spend of an error budget: `slo`, `objective`, `period`, `per-run`, `wallet`' })),
  rollbacks: Type.Optional(Type.Array(Type.Unknown(), { default: [], maxItems: 0, wanted: 'an empty list: faults are always removed; other rollbacks are not supported yet' }))
})

/** An experiment as it is written in YAML or JSON. */
export type ExperimentDocument = Static<typeof ExperimentSchema>

/** An experiment with every field decoded: times in milliseconds. */
export interface Experiment {
  title: string
  description: string | undefined
  contributions: Record<string, string>
  tags: string[]
  at: string
  objectives: Objective[]
  source: 'proxy' | 'load'
  sources: SourceSpec[]
  load: LoadSpec | undefined
  phases: { warmup: number, baseline: number, fault: number, recovery: number }
  faults: Fault[]
  /** When it may run, beside what the configuration says; empty means at any time. */
  windows: Window[]
  /** Whether its faults are only counted (`mode: shadow`), because it is a rehearsal. */
  rehearsal: boolean
  /** Whether it may share proxies with another run that may. */
  concurrent: boolean
  guardrails: Guardrail[]
  budget: Budget | undefined
  design: Design
  /** Milliseconds. */
  switchback: { pairs: number, settle: number }
  /** What is searched in the fault phase; null if the faults are as they are. */
  limit: LimitSpec | null
  /** The document as written, for the journal. */
  document: ExperimentDocument
}

/** The shortest phase that can be judged, in milliseconds: one block of the statistics. */
const SHORTEST = 1000

/** An experiment from what a person wrote. Throws PMT_ERR_INVALID and decodeFault's errors, each with its path. */
export function decodeExperiment (written: unknown): Experiment {
  refuseFile(written)
  const document = decode(ExperimentSchema, written)
  const steady = document['steady-state']
  const faults = withLimit(document).map((fault, i) => {
    const decoded = decodeFault(fault, `faults.${i}`)
    if (decoded.on === undefined) {
      throw new PremortemError('PMT_ERR_INVALID', { message: '`on` is missing', path: `faults.${i}.on`, found: 'nothing', wanted: 'the name of a proxy' })
    }
    return decoded
  })
  for (const [name, length] of Object.entries(document.phases)) {
    if (name !== 'warmup' && length < SHORTEST) {
      throw new PremortemError('PMT_ERR_INVALID', { message: 'the phase is too short to be judged', path: `phases.${name}`, found: length, wanted: 'at least 1s' })
    }
  }
  if (document.load?.rate === 0) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'a load of nothing', path: 'load.rate', found: 0, wanted: 'a rate above 0, such as 50/s' })
  }
  if (steady.source === 'load' && document.load === undefined) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'there is no load to measure', path: 'steady-state.source', found: 'load', wanted: 'proxy, or a `load` block' })
  }
  const source = steady.source ?? (document.load === undefined ? 'proxy' : 'load')
  const load = document.load === undefined
    ? undefined
    : { body: undefined, ...document.load, method: (document.load.method ?? 'GET').toUpperCase(), headers: document.load.headers ?? {} }
  if (load !== undefined) checkUsers(load)
  const sources = decodeSources(steady.sources ?? {}, 'steady-state.sources')
  const names = sources.map(({ name }) => name)
  const objectives = parseEach(steady.objectives, 'steady-state.objectives', names)
  const guardrails = (document.guardrails ?? []).map((guardrail, i) => decodeGuardrail(guardrail, `guardrails.${i}`, names))
  checkTimes(objectives, sources, 'steady-state.objectives')
  checkTimes(guardrails, sources, 'guardrails')
  const measured = { at: steady.at, source, load, objectives }
  const limit = document.limit === undefined ? null : decodeLimit(document.limit, faults, document.phases.fault)
  if (limit !== null) checkSearched(objectives)
  const design = document.compare ?? (limit === null ? designOf(faults, measured) : 'before-after')
  const switchback = { pairs: 6, settle: 1000, ...document.switchback }
  checkDesign(design, faults, measured, { phases: document.phases, switchback: document.switchback, ...switchback })
  return {
    title: document.title,
    description: document.description,
    contributions: document.contributions ?? {},
    tags: document.tags ?? [],
    at: steady.at,
    objectives,
    source,
    sources,
    load,
    phases: document.phases,
    faults,
    windows: decodeWindows(document.windows ?? []),
    concurrent: document.concurrent === 'allow',
    rehearsal: false,
    guardrails,
    budget: document.budget === undefined ? undefined : decodeBudget(document.budget),
    design,
    switchback,
    limit,
    document: written as ExperimentDocument
  }
}

/** An SLO is in a file, which only those can read that have it: they send what it stands for. */
function refuseFile (written: unknown): void {
  const openslo = (written as { 'steady-state'?: { openslo?: unknown } | null } | null | undefined)?.['steady-state']?.openslo
  if (openslo === undefined) return
  throw new PremortemError('PMT_ERR_INVALID', {
    message: 'only an experiment in a file may name files',
    path: 'steady-state.openslo',
    found: openslo,
    wanted: '`objectives` and `sources`',
    hint: 'premortem run FILE reads the SLO and sends what it stands for'
  })
}

/** The faults as written, with what a search of a limit begins with. */
function withLimit ({ limit, faults, compare }: StaticDecode<typeof ExperimentSchema>): unknown[] {
  if (limit === undefined) return faults
  if (compare === undefined || compare === 'before-after') return withSearched(limit, faults)
  throw new PremortemError('PMT_ERR_INVALID', { message: 'a search of a limit compares its levels with the objectives alone', path: 'compare', found: compare, wanted: 'nothing here, beside `limit`' })
}

/** A search asks at each level until it knows, for which samples are too few. */
function checkSearched (objectives: readonly Objective[]): void {
  const i = objectives.findIndex(({ source }) => source !== undefined)
  if (i === -1) return
  throw new PremortemError('PMT_ERR_INVALID', { message: 'a limit is searched by the traffic', path: `steady-state.objectives.${i}`, found: objectives[i]!.text, wanted: 'an objective on success, latency or handshakes' })
}

function checkUsers ({ url, headers, body, users }: LoadSpec): void {
  const named = [url, ...Object.values(headers), body ?? ''].some((text) => text.includes('{user}'))
  if (users === undefined || named) return
  throw new PremortemError('PMT_ERR_INVALID', { message: 'its users are not told apart', path: 'load.users', found: users, wanted: '`{user}` in the URL, a header or the body, such as headers: { x-user-id: "{user}" }' })
}

function parseEach (texts: readonly string[], path: string, sources: readonly string[]): Objective[] {
  return texts.map((text, i) => {
    try {
      return parseObjectiveOn(text, sources)
    } catch (error) {
      throw error instanceof PremortemError ? error.at({ path: `${path}.${i}` }) : error
    }
  })
}
