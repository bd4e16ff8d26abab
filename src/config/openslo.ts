import { dirname, resolve } from 'node:path'
import { Type } from 'typebox'
import type { StaticDecode } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { Duration, Strict, decode } from '../kernel/schema.ts'
import { readTextFile } from '../kernel/text.ts'
import { isSourceName, parseObjectiveOn } from '../measure/objective.ts'
import { dataSourceOf, decodeSlo, parseResources, pickSlo, refuse, withIndicator } from './openslo-document.ts'
import type { Indicator, Metric, Resource, Slo, SloObjective } from './openslo-document.ts'

const Reference = Strict({
  file: Type.String({ minLength: 1 }),
  name: Type.Optional(Type.String({ minLength: 1 })),
  prometheus: Type.Optional(Type.String({ pattern: '^https?://', wanted: 'an http:// or https:// URL' }))
})

/** What an SLO adds to `steady-state`. */
interface Added { objectives: string[], sources: Record<string, unknown> }

/** Where what an SLO says is looked up. */
interface Surroundings { at: unknown, resources: readonly Resource[], prometheus: string | undefined }

const WANTED = 'a file, { file, name, prometheus }, or a list of them'

/**
 * An experiment's value with `steady-state.openslo` replaced by the objectives and sources that the SLOs in those files, relative
 * to `file`, stand for; they come after its own. `note` hears what an SLO says that a run does not use. Throws
 * PMT_ERR_FILE_NOT_FOUND, PMT_ERR_FILE_UNREADABLE, PMT_ERR_SYNTAX and PMT_ERR_INVALID: with file, line and column for what is
 * wrong in an SLO, else with the path in the experiment.
 */
export async function expandOpenSlo (value: unknown, file: string, note: (text: string) => void = () => {}): Promise<unknown> {
  const steady = (value as Record<string, unknown> | null)?.['steady-state'] as Record<string, unknown> | null | undefined
  if (typeof steady !== 'object' || steady === null || !Object.hasOwn(steady, 'openslo')) return value
  const { openslo, ...rest } = steady
  const objectives = listOf(rest.objectives)
  const sources: Record<string, unknown> = { ...mappingOf(rest.sources) }
  for (const [i, written] of entriesOf(openslo)) {
    const path = i === undefined ? 'steady-state.openslo' : `steady-state.openslo.${i}`
    const added = await readSlo(written, path, file, rest.at, note)
    for (const [name, source] of Object.entries(added.sources)) {
      if (Object.hasOwn(sources, name)) {
        refuse({ message: `a source is called ${name} already`, path, found: name, wanted: 'an SLO of another name than every source', hint: 'rename the source under `sources`, or one of two SLOs' })
      }
      sources[name] = source
    }
    objectives.push(...added.objectives)
  }
  return { ...value as object, 'steady-state': { ...rest, objectives, ...(Object.keys(sources).length === 0 ? {} : { sources }) } }
}

// What is no list or mapping is left for decodeExperiment only if nothing would be lost: here it would.
function listOf (written: unknown): unknown[] {
  if (written === undefined) return []
  return Array.isArray(written) ? [...written as unknown[]] : refuse({ path: 'steady-state.objectives', found: written, wanted: 'a list of objectives, or nothing beside `openslo`' })
}

function mappingOf (written: unknown): object {
  if (written === undefined) return {}
  return typeof written === 'object' && written !== null && !Array.isArray(written) ? written : refuse({ path: 'steady-state.sources', found: written, wanted: 'names such as login, each with http, process or prometheus' })
}

function entriesOf (openslo: unknown): [number | undefined, unknown][] {
  if (!Array.isArray(openslo)) return [[undefined, openslo]]
  return openslo.length > 0 ? [...(openslo as unknown[]).entries()] : refuse({ path: 'steady-state.openslo', found: 'an empty list', wanted: WANTED })
}

async function readSlo (written: unknown, path: string, file: string, at: unknown, note: (text: string) => void): Promise<Added> {
  if (typeof written !== 'string' && (typeof written !== 'object' || written === null)) refuse({ path, found: written, wanted: WANTED })
  const { file: named, name, prometheus } = decode(Reference, typeof written === 'string' ? { file: written } : written, path)
  const read = resolve(dirname(file), named)
  const filePath = typeof written === 'string' ? path : `${path}.file`
  try {
    const resources = parseResources(await readRelative(read), read)
    const resource = pickSlo(resources, name, read, path)
    const slo = decodeSlo(resource)
    const added = addedBy(slo, resource, { at, resources, prometheus })
    if (prometheus !== undefined && Object.keys(added.sources).length === 0) {
      refuse({ message: `SLO ${resource.name} asks no Prometheus`, path: `${path}.prometheus`, found: prometheus, wanted: 'nothing here' })
    }
    notesOf(slo).forEach(note)
    return added
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path: filePath }) : error
  }
}

async function readRelative (file: string): Promise<string> {
  try {
    return await readTextFile(file)
  } catch (error) {
    if (!(error instanceof PremortemError) || error.code !== 'PMT_ERR_FILE_NOT_FOUND') throw error
    throw new PremortemError(error.code, { ...error.details, hint: 'the file is looked for beside the experiment' })
  }
}

function notesOf ({ metadata: { name }, spec: { timeWindow, alertPolicies } }: Slo): string[] {
  const window = timeWindow === undefined
    ? []
    : [`SLO ${name}: its window of ${timeWindow[0]!.duration} is not waited for; a run judges its own phases`]
  const alerts = alertPolicies === undefined ? [] : [`SLO ${name}: its alert policies are not used; guardrails end a run`]
  return [...window, ...alerts]
}

function addedBy (slo: Slo, resource: Resource, surroundings: Surroundings): Added {
  const { budgetingMethod, objectives } = slo.spec
  resource.text.locate(() => {
    if (budgetingMethod !== 'Occurrences') {
      refuse({ message: `${budgetingMethod} are not judged`, path: 'spec.budgetingMethod', found: budgetingMethod, wanted: 'Occurrences', hint: 'premortem counts what was good and bad, not good minutes' })
    }
    for (const [i, objective] of objectives.entries()) checkObjective(objective, `spec.objectives.${i}`)
  })
  const judge = withIndicator(slo, resource, surroundings.resources, (indicator, path) =>
    judgeOf(indicator, path, slo, surroundings))
  return resource.text.locate(() => judge(objectives))
}

const UNUSED = {
  timeSliceTarget: 'it belongs to Timeslices, which are not judged',
  timeSliceWindow: 'it belongs to Timeslices, which are not judged',
  indicator: 'composite SLOs are not judged',
  indicatorRef: 'composite SLOs are not judged',
  compositeWeight: 'composite SLOs are not judged'
} as const

function checkObjective (objective: SloObjective, path: string): void {
  for (const [key, why] of Object.entries(UNUSED) as [keyof typeof UNUSED, string][]) {
    if (objective[key] === undefined) continue
    const hint = why.startsWith('composite') ? 'write an SLO for each indicator, and list them under `openslo`' : undefined
    refuse({ message: why, path: `${path}.${key}`, found: objective[key], wanted: 'nothing here', hint })
  }
}

/** What objectives on an indicator add. */
type Judge = (objectives: readonly SloObjective[]) => Added

/** How an indicator is counted. Throws PMT_ERR_INVALID below `path`. */
function judgeOf ({ thresholdMetric, ratioMetric }: Indicator, path: string, slo: Slo, surroundings: Surroundings): Judge {
  if (thresholdMetric !== undefined && ratioMetric === undefined) {
    return thresholdOf(thresholdMetric, `${path}.thresholdMetric`, slo, surroundings)
  }
  if (ratioMetric !== undefined && thresholdMetric === undefined) {
    return ratioOf(ratioMetric, `${path}.ratioMetric`, slo, surroundings)
  }
  return refuse({ message: 'it is not clear what is measured', path, found: ratioMetric === undefined ? 'nothing' : 'both', wanted: '`ratioMetric` or `thresholdMetric`' })
}

const OPERATORS = { lte: '<=', gte: '>=', lt: '<', gt: '>' } as const

function thresholdOf (metric: Metric, path: string, slo: Slo, surroundings: Surroundings): Judge {
  const found = metricOf(metric, path, surroundings)
  if (found.type === 'premortem') {
    return refuse({ message: 'premortem counts requests, and gives no single number', path: `${path}.metricSource.type`, found: 'premortem', wanted: 'Prometheus, or `ratioMetric`', hint: 'a latency is `good: { latency_lte: 300ms }` of a ratioMetric' })
  }
  return (objectives) => {
    if (objectives.length > 1) refuse({ message: 'a thresholdMetric has one objective', path: 'spec.objectives.1', found: `${objectives.length} objectives`, wanted: 'one' })
    const { op, value } = objectives[0]!
    if (op === undefined) return refuse({ message: '`op` is missing', path: 'spec.objectives.0.op', found: 'nothing', wanted: 'one of lte, gte, lt, gt' })
    if (value === undefined) return refuse({ message: '`value` is missing', path: 'spec.objectives.0.value', found: 'nothing', wanted: 'a number' })
    return sampled(slo, objectives, { prometheus: found.url, query: found.query, expect: `${OPERATORS[op]} ${value}` })
  }
}

type Ratio = NonNullable<Indicator['ratioMetric']>

function ratioOf (ratio: Ratio, path: string, slo: Slo, surroundings: Surroundings): Judge {
  for (const key of ['raw', 'rawType'] as const) {
    if (ratio[key] !== undefined) {
      refuse({ message: `\`${key}\` is not judged: of a ratio nobody can tell how many it was counted from`, path: `${path}.${key}`, found: ratio[key], wanted: '`good` (or `bad`) and `total`' })
    }
  }
  const { good, bad, total, counter } = ratio
  const part = good ?? bad
  if (part === undefined || total === undefined || (good !== undefined && bad !== undefined)) {
    const given = Object.keys(ratio).filter((key) => key !== 'counter').join(', ')
    return refuse({ message: 'it is not clear what is counted', path, found: given || 'nothing', wanted: '`good` (or `bad`) and `total`' })
  }
  if (counter !== true) {
    refuse({ message: 'only counters are judged, for they say how many there were', path: `${path}.counter`, found: counter ?? 'nothing', wanted: 'true, with queries of counters without rate or increase' })
  }
  const key = good === undefined ? 'bad' : 'good'
  const counted = metricOf(part, `${path}.${key}`, surroundings)
  const all = metricOf(total, `${path}.total`, surroundings)
  if (counted.type === 'premortem' && all.type === 'premortem') {
    return trafficOf(key, counted, all, path)
  }
  if (counted.type === 'prometheus' && all.type === 'prometheus') {
    if (counted.url !== all.url) refuse({ message: 'two servers are asked for one ratio', path: `${path}.total.metricSource`, found: all.url, wanted: counted.url })
    const source = { prometheus: counted.url, [key]: counted.query, total: all.query }
    return withoutThreshold((objectives) => sampled(slo, objectives, source))
  }
  return refuse({ message: `\`${key}\` and \`total\` are counted by two`, path: `${path}.total.metricSource.type`, found: all.type, wanted: counted.type })
}

const withoutThreshold = (judge: Judge): Judge => (objectives) => {
  for (const [i, objective] of objectives.entries()) {
    for (const key of ['op', 'value'] as const) {
      if (objective[key] !== undefined) refuse({ message: `\`${key}\` belongs to a thresholdMetric`, path: `spec.objectives.${i}.${key}`, found: objective[key], wanted: 'nothing here' })
    }
  }
  return judge(objectives)
}

function sampled ({ metadata }: Slo, objectives: readonly SloObjective[], source: Record<string, string>): Added {
  const plain = metadata.name.replace(/[^\w-]+/g, '-')
  const name = isSourceName(plain) ? plain : `slo-${plain}`
  const texts = objectives.map((objective, i) => objectiveOf(objective, i, (percent) => `${name} >= ${percent}%`))
  return { objectives: texts, sources: { [name]: source } }
}

interface Good { text: (percent: string) => string }

function trafficOf (key: 'good' | 'bad', counted: OfTraffic, all: OfTraffic, path: string): Judge {
  if (key === 'bad') refuse({ message: 'premortem is told what is good', path: `${path}.bad`, found: 'bad', wanted: 'good' })
  if (all.good !== undefined) refuse({ message: '`total` counts all', path: `${path}.total.metricSource.spec.good`, found: 'good', wanted: 'nothing here' })
  const { good } = counted
  if (good === undefined) {
    return refuse({ message: '`good` is missing', path: `${path}.good.metricSource.spec.good`, found: 'nothing', wanted: GOOD })
  }
  return withoutThreshold((objectives) => ({
    objectives: objectives.map((objective, i) => objectiveOf(objective, i, good.text)), sources: {}
  }))
}

function objectiveOf (objective: SloObjective, i: number, written: (percent: string) => string): string {
  const path = `spec.objectives.${i}`
  const { target, targetPercent } = objective
  if (target !== undefined && targetPercent !== undefined) {
    refuse({ message: 'two targets', path: `${path}.targetPercent`, found: targetPercent, wanted: '`target` or `targetPercent`' })
  }
  if (target === undefined && targetPercent === undefined) {
    return refuse({ message: 'a target is missing', path, found: 'nothing', wanted: '`target` or `targetPercent`' })
  }
  const percent = targetPercent ?? target! * 100
  const place = `${path}.${target === undefined ? 'targetPercent' : 'target'}`
  if (!(percent > 0 && percent < 100)) {
    refuse({
      path: place,
      found: target ?? targetPercent,
      wanted: `a number above 0 and below ${target === undefined ? 100 : 1}`,
      hint: target !== undefined && target > 1 && target < 100 ? `did you mean \`targetPercent: ${target}\`?` : undefined
    })
  }
  // Ten decimals: what multiplying by 100 adds is shorter, and zeros at the end go when it is read.
  const text = written(percent.toFixed(10).replace(/\.?0+$/, ''))
  try {
    return parseObjectiveOn(text, 'any').text
  } catch (error) {
    throw error instanceof PremortemError ? error.at({ path: place }) : error
  }
}

interface OfTraffic { type: 'premortem', good: Good | undefined }
interface OfPrometheus { type: 'prometheus', query: string, url: string }

const GOOD = '{ status: "<500" }, { latency_lte: 300ms } or both'

const TrafficSpec = Strict({
  listener: Type.String({ minLength: 1, wanted: 'the name of the proxy at `steady-state.at`' }),
  route: Type.Optional(Type.Unknown()),
  method: Type.Optional(Type.Unknown()),
  good: Type.Optional(Strict({ status: Type.Optional(Type.String()), latency_lte: Type.Optional(Duration()) }))
})

const QuerySpec = Strict({ query: Type.String({ minLength: 1 }) })

/** What a metric is counted by. Throws PMT_ERR_INVALID below `path`. */
function metricOf (
  { metricSource }: Metric, path: string, { at, resources, prometheus }: Surroundings
): OfTraffic | OfPrometheus {
  const base = `${path}.metricSource`
  const { metricSourceRef, spec } = metricSource
  // A URL that the experiment gives needs no data source, but for its type.
  const source = metricSourceRef === undefined || (prometheus !== undefined && metricSource.type !== undefined)
    ? undefined
    : dataSourceOf(resources, metricSourceRef, `${base}.metricSourceRef`)
  const type = metricSource.type ?? source?.type
  if (type === undefined) return refuse({ message: 'it is not clear who is asked', path: `${base}.type`, found: 'nothing', wanted: 'premortem or Prometheus' })
  if (source !== undefined && source.type.toLowerCase() !== type.toLowerCase()) {
    refuse({ message: `data source ${metricSourceRef} is of another type`, path: `${base}.type`, found: type, wanted: source.type })
  }
  switch (type.toLowerCase()) {
    case 'premortem':
      if (metricSourceRef !== undefined) refuse({ message: 'premortem itself counts', path: `${base}.metricSourceRef`, found: metricSourceRef, wanted: 'nothing here' })
      return trafficSpec(decode(TrafficSpec, spec, `${base}.spec`), `${base}.spec`, at, spec)
    case 'prometheus': {
      const { query } = decode(QuerySpec, spec, `${base}.spec`)
      if (query.includes('{{')) refuse({ message: 'templates are not filled in', path: `${base}.spec.query`, found: query, wanted: 'PromQL as Prometheus takes it' })
      const url = prometheus ?? source?.connectionDetails.url
      if (url === undefined) {
        return refuse({ message: 'nobody says where Prometheus is', path: base, found: 'no URL', wanted: 'metricSourceRef to a DataSource of the file with connectionDetails.url', hint: 'or say it in the experiment: openslo: { file: FILE, prometheus: URL }' })
      }
      return { type: 'prometheus', query, url }
    }
    default: return refuse({ message: `${type} cannot be asked`, path: `${base}.type`, found: type, wanted: 'premortem or Prometheus' })
  }
}

type Traffic = StaticDecode<typeof TrafficSpec>

function trafficSpec ({ listener, good, ...rest }: Traffic, path: string, at: unknown, written: unknown): OfTraffic {
  for (const key of ['route', 'method'] as const) {
    if (rest[key] !== undefined) {
      refuse({ message: `requests are not counted by ${key}`, path: `${path}.${key}`, found: rest[key], wanted: 'nothing here', hint: 'give what you mean a proxy of its own, or count it by Prometheus' })
    }
  }
  if (listener !== at) {
    refuse({ message: 'the experiment measures at another proxy', path: `${path}.listener`, found: listener, wanted: typeof at === 'string' ? `${at}, as \`steady-state.at\` says` : 'what `steady-state.at` says' })
  }
  if (good === undefined) return { type: 'premortem', good }
  const { status, latency_lte: within } = good
  if (status !== undefined && !/^\s*<\s*500\s*$/.test(status)) {
    refuse({ message: 'another status is not counted', path: `${path}.good.status`, found: status, wanted: '"<500"', hint: 'a proxy counts 500 and above as bad; count others by Prometheus, or probe with an http source' })
  }
  if (within === 0) refuse({ path: `${path}.good.latency_lte`, found: within, wanted: 'a duration above 0' })
  if (within === undefined) {
    if (status === undefined) refuse({ path: `${path}.good`, found: 'nothing', wanted: GOOD })
    return { type: 'premortem', good: { text: (percent) => `success >= ${percent}%` } }
  }
  const { latency_lte: asWritten } = (written as { good: { latency_lte: string | number } }).good
  const time = /[a-zµ]$/.test(String(asWritten)) ? asWritten : `${asWritten}ms`
  return { type: 'premortem', good: { text: (percent) => status === undefined ? `p${percent} <= ${time}` : `success within ${time} >= ${percent}%` } }
}
