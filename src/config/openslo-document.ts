import { Type } from 'typebox'
import type { StaticDecode, TSchema } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import type { ErrorDetails } from '../kernel/errors.ts'
import { OneOf, Strict, decode, nearest } from '../kernel/schema.ts'
import { parseTexts } from '../kernel/text.ts'
import type { ParsedText } from '../kernel/text.ts'

/** One YAML document of an OpenSLO file. */
export interface Resource { kind: string, name: string, text: ParsedText }

const VERSION = 'openslo/v1'

const text = Type.String({ minLength: 1 })
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema)
const anything = Type.Optional(Type.Unknown())

const Metadata = Strict({ name: text, displayName: maybe(Type.String()), labels: anything, annotations: anything })

const MetricSchema = Strict({ metricSource: Strict({ metricSourceRef: maybe(text), type: maybe(text), spec: Type.Unknown() }) })

const IndicatorSpec = Strict({
  description: maybe(Type.String()),
  thresholdMetric: maybe(MetricSchema),
  // OpenSLO has `raw`, too, which is refused by name where it is used.
  ratioMetric: maybe(Strict({
    counter: maybe(Type.Boolean()),
    good: maybe(MetricSchema),
    bad: maybe(MetricSchema),
    total: maybe(MetricSchema),
    raw: anything,
    rawType: anything
  }))
})

const TimeWindow = Strict({
  duration: Type.String({ pattern: '^[1-9]\\d*[mhdwMQY]$', wanted: 'a whole number of m, h, d, w, M, Q or Y, such as 28d' }),
  isRolling: maybe(Type.Boolean()),
  calendar: maybe(Strict({ startTime: text, timeZone: text }))
})

const ObjectiveSchema = Strict({
  displayName: maybe(Type.String()),
  op: maybe(OneOf(['lte', 'gte', 'lt', 'gt'])),
  value: maybe(Type.Number()),
  target: maybe(Type.Number()),
  targetPercent: maybe(Type.Number()),
  timeSliceTarget: anything,
  timeSliceWindow: anything,
  indicator: anything,
  indicatorRef: anything,
  compositeWeight: anything
})

const head = { apiVersion: text, kind: text, metadata: Metadata }

const SloSchema = Strict({
  ...head,
  spec: Strict({
    description: maybe(Type.String()),
    service: text,
    indicator: maybe(Strict({ metadata: maybe(Metadata), spec: IndicatorSpec })),
    indicatorRef: maybe(text),
    timeWindow: maybe(Type.Array(TimeWindow, { minItems: 1, maxItems: 1, wanted: 'a list of exactly one window' })),
    budgetingMethod: OneOf(['Occurrences', 'Timeslices', 'RatioTimeslices']),
    objectives: Type.Array(ObjectiveSchema, { minItems: 1 }),
    alertPolicies: anything
  })
})

const SliSchema = Strict({ ...head, spec: IndicatorSpec })

const DataSourceSchema = Strict({
  ...head,
  spec: Strict({
    description: maybe(Type.String()),
    type: text,
    connectionDetails: Strict({ url: Type.String({ pattern: '^https?://', wanted: 'an http:// or https:// URL' }) })
  })
})

/** An SLO whose form fits. */
export type Slo = StaticDecode<typeof SloSchema>
export type SloObjective = StaticDecode<typeof ObjectiveSchema>
export type Indicator = StaticDecode<typeof IndicatorSpec>
export type Metric = StaticDecode<typeof MetricSchema>
export type DataSource = StaticDecode<typeof DataSourceSchema>

/** Throws PMT_ERR_INVALID. */
export const refuse = (details: ErrorDetails): never => { throw new PremortemError('PMT_ERR_INVALID', details) }

/**
 * The documents of an OpenSLO file. What they say is checked when they are used. Throws PMT_ERR_SYNTAX and PMT_ERR_INVALID with
 * file and line.
 */
export function parseResources (written: string, file: string): Resource[] {
  const texts = parseTexts(written, file).filter(({ value }) => value !== null)
  const resources = texts.map((text) => text.locate(() => headOf(text)))
  if (resources.length > 0) return resources
  return refuse({ message: 'the file is empty', file, line: 1, found: 'nothing', wanted: 'an SLO of openslo/v1' })
}

function headOf (text: ParsedText): Resource {
  const { apiVersion, version, kind, metadata } = text.value as Record<string, unknown>
  if (apiVersion !== VERSION) {
    const hint = typeof version === 'string' && version.startsWith('prometheus/')
      ? 'this is a file of sloth: write its queries as sources, docs/sources.md'
      : typeof apiVersion === 'string' && apiVersion.startsWith('openslo/') ? 'older versions have other keys; write it as v1' : undefined
    return refuse({ message: 'not of OpenSLO v1', path: 'apiVersion', found: apiVersion ?? 'nothing', wanted: VERSION, hint })
  }
  const name = (metadata as { name?: unknown } | undefined)?.name
  if (typeof kind !== 'string') return refuse({ message: '`kind` is missing', path: 'kind', found: kind ?? 'nothing', wanted: 'SLO, SLI or DataSource' })
  if (typeof name !== 'string') return refuse({ message: 'it has no name', path: 'metadata.name', found: name ?? 'nothing', wanted: 'a name' })
  return { kind, name, text }
}

/** The SLO of that name, or the only one. Throws PMT_ERR_INVALID; `path` is that of whoever asked, and `.name` follows. */
export function pickSlo (resources: readonly Resource[], name: string | undefined, file: string, path: string): Resource {
  const slos = resources.filter(({ kind }) => kind === 'SLO')
  const names = slos.map((slo) => slo.name)
  if (slos.length === 0) {
    return refuse({ message: 'no SLO is in the file', file, line: 1, found: resources.map(({ kind }) => kind).join(', '), wanted: 'a document with `kind: SLO`' })
  }
  if (name === undefined) {
    return slos.length === 1 ? slos[0]! : refuse({ message: 'the file holds several SLOs', path, found: `${slos.length} SLOs`, wanted: `\`name\`, one of ${names.join(', ')}`, hint: 'write { file: FILE, name: NAME }' })
  }
  return pick(slos, 'SLO', name, `${path}.name`)
}

function pick (resources: readonly Resource[], kind: string, name: string, path: string): Resource {
  const all = resources.filter((resource) => resource.kind === kind)
  const found = all.filter((resource) => resource.name === name)
  if (found.length === 1) return found[0]!
  const names = all.map((resource) => resource.name)
  const near = nearest(name, names)
  return refuse({
    message: found.length > 1 ? `${found.length} documents are called ${name}` : `no ${kind} of the file is called ${name}`,
    path,
    found: name,
    wanted: found.length > 1 ? 'names that differ' : names.length === 0 ? `a document with \`kind: ${kind}\` in the same file` : `one of ${names.join(', ')}`,
    hint: near === undefined ? undefined : `did you mean \`${near}\`?`
  })
}

/** An SLO. Throws PMT_ERR_INVALID with its place. */
export const decodeSlo = ({ text }: Resource): Slo => text.locate(() => decode(SloSchema, text.value))

/** Calls `read` with the indicator that an SLO has or refers to, and its path; what `read` throws gets its place. */
export function withIndicator<T> (
  slo: Slo, resource: Resource, resources: readonly Resource[], read: (indicator: Indicator, path: string) => T
): T {
  const { indicator, indicatorRef } = slo.spec
  return resource.text.locate(() => {
    if (indicator !== undefined && indicatorRef === undefined) return read(indicator.spec, 'spec.indicator.spec')
    if (indicatorRef === undefined || indicator !== undefined) {
      return refuse({ message: 'it is not clear what is measured', path: 'spec.indicator', found: indicator === undefined ? 'nothing' : 'indicator and indicatorRef', wanted: '`indicator` or `indicatorRef`' })
    }
    const { text } = pick(resources, 'SLI', indicatorRef, 'spec.indicatorRef')
    return text.locate(() => read(decode(SliSchema, text.value).spec, 'spec'))
  })
}

/** The data source of that name in the same file. Throws PMT_ERR_INVALID with its place, or at `path` if there is none. */
export function dataSourceOf (resources: readonly Resource[], name: string, path: string): DataSource['spec'] {
  const { text } = pick(resources, 'DataSource', name, path)
  return text.locate(() => decode(DataSourceSchema, text.value).spec)
}
