import { checkActivity, checkHypothesisProbe } from './activities.ts'
import type { Environment } from './executable.ts'
import { invalid } from './invalid.ts'
import { isObject } from './python.ts'
import { HYPOTHESIS_STRATEGIES, ROLLBACK_STRATEGIES, readStrategy } from './strategies.ts'
import type { Activity, ChaosExperiment, Control, Json, JsonObject, Reference } from './types.ts'

/** Whether a document is an experiment of the Chaos Toolkit and none of premortem's own. */
export function isChaosToolkit (value: unknown): boolean {
  return isObject(value) && 'method' in value && !('phases' in value)
}

/**
 * Checks an experiment of the Chaos Toolkit by its own rules; unknown keys are ignored, as there. Throws
 * PMT_ERR_CHAOS_TOOLKIT with the class it would have there (InvalidExperiment, InvalidActivity, InvalidControl), naming the path.
 */
export function decodeChaosExperiment (value: unknown, env: Environment): ChaosExperiment {
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw invalid('InvalidExperiment', 'an empty experiment is not an experiment', { path: '', found: value as Json, wanted: 'a mapping with title, description and method' })
  }
  const title = textAt(value, 'title', 'experiment requires a title')
  const description = textAt(value, 'description', 'experiment requires a description')
  const tags = listAt(value, 'tags', 'tags')
  tags.forEach((tag, i) => {
    if (typeof tag !== 'string' || tag === '') throw invalid('InvalidExperiment', 'experiment tags must be non-empty strings', { path: `tags.${i}`, found: tag, wanted: 'text that is not empty' })
  })
  const configuration = mappingAt(value, 'configuration')
  const secrets = mappingAt(value, 'secrets')
  for (const [group, members] of Object.entries(secrets)) {
    if (!isObject(members)) throw invalid('InvalidExperiment', 'secrets must be groups of secrets', { path: `secrets.${group}`, found: typeof members, wanted: 'a mapping of names and secrets' })
  }
  const hypothesis = hypothesisOf(value, env)
  if (!('method' in value)) throw invalid('InvalidExperiment', 'an experiment requires a method, which can be empty for only checking steady state hypothesis', { path: 'method', found: 'nothing', wanted: 'a list of activities, which may be empty' })
  const written = listAt(value, 'method', 'method')
  checkAll(written, 'method', env)
  const known = new Map([...written, ...hypothesis?.probes ?? []].filter(isActivity).map((activity) => [activity.name, activity]))
  const method = written.map((activity, i) => resolve(activity as Activity | Reference, known, `method.${i}`))
  const rollbacks = listAt(value, 'rollbacks', 'rollbacks')
  checkAll(rollbacks, 'rollbacks', env)
  const played = rollbacks.map((activity, i) => resolve(activity as Activity | Reference, known, `rollbacks.${i}`))
  return {
    document: value,
    title,
    description,
    configuration,
    secrets,
    hypothesis,
    method,
    rollbacks: played,
    controls: controlsIn(value),
    extensions: extensionsOf(value),
    runtime: runtimeOf(value)
  }
}

function textAt (value: JsonObject, key: string, message: string): string {
  const text = value[key]
  if (typeof text === 'string' && text !== '') return text
  throw invalid('InvalidExperiment', message, { path: key, found: text ?? 'nothing', wanted: 'text that is not empty' })
}

function listAt (value: JsonObject, key: string, path: string): Json[] {
  const list = value[key] ?? []
  if (Array.isArray(list)) return list
  throw invalid('InvalidExperiment', `\`${key}\` must be a list`, { path, found: list, wanted: 'a list' })
}

function mappingAt (value: JsonObject, key: string, path = key): JsonObject {
  const mapping = value[key] ?? {}
  if (isObject(mapping)) return mapping
  throw invalid('InvalidExperiment', `\`${key}\` must be a mapping`, { path, found: mapping, wanted: 'a mapping' })
}

function hypothesisOf (value: JsonObject, env: Environment): ChaosExperiment['hypothesis'] {
  const hypothesis = value['steady-state-hypothesis']
  if (hypothesis === undefined || hypothesis === null) return null
  const path = 'steady-state-hypothesis'
  if (!isObject(hypothesis) || Object.keys(hypothesis).length === 0) {
    throw invalid('InvalidExperiment', 'hypothesis must be a mapping with a title and probes', { path, found: hypothesis, wanted: 'a mapping with title and probes' })
  }
  const { title } = hypothesis
  if (typeof title !== 'string' || title === '') throw invalid('InvalidExperiment', 'hypothesis requires a title', { path: `${path}.title`, found: title ?? 'nothing', wanted: 'text that is not empty' })
  const probes = listAt(hypothesis, 'probes', `${path}.probes`)
  return {
    title, probes: probes.map((probe, i) => {
      checkHypothesisProbe(probe, `${path}.probes.${i}`, env)
      return probe
    })
  }
}

const isReference = (activity: Json): activity is Reference => isObject(activity) && 'ref' in activity
const isActivity = (activity: Json): activity is Activity => isObject(activity) && !('ref' in activity)

function checkAll (activities: readonly Json[], path: string, env: Environment): void {
  activities.forEach((activity, i) => {
    if (!isReference(activity)) return checkActivity(activity, `${path}.${i}`, env)
    if (typeof activity.ref === 'string' && activity.ref !== '') return
    throw invalid('InvalidActivity', 'reference to activity must be non-empty strings', { path: `${path}.${i}.ref`, found: activity.ref, wanted: 'the name of an activity' })
  })
}

function resolve (activity: Activity | Reference, known: ReadonlyMap<string, Activity>, path: string): Activity {
  if (!isReference(activity)) return activity as Activity
  const found = known.get(activity.ref)
  if (found !== undefined) return found
  throw invalid('InvalidActivity', `referenced activity '${activity.ref}' could not be found in the experiment`, { path: `${path}.ref`, found: activity.ref, wanted: `one of ${[...known.keys()].join(', ') || 'no activity, for there is none'}` })
}

/** The controls of the experiment, of its hypothesis and of its activities. */
function controlsIn (value: JsonObject): Control[] {
  const hypothesis = value['steady-state-hypothesis'] as JsonObject | null | undefined
  const holders: [JsonObject, string][] = [
    [value, ''],
    ...(hypothesis == null ? [] : [[hypothesis, 'steady-state-hypothesis.'] as [JsonObject, string]]),
    ...activitiesWithPaths(value.method, 'method'),
    ...activitiesWithPaths(hypothesis?.probes, 'steady-state-hypothesis.probes'),
    ...activitiesWithPaths(value.rollbacks, 'rollbacks')
  ]
  return holders.flatMap(([holder, prefix]) => listAt(holder, 'controls', `${prefix}controls`).map((control, i) => controlOf(control, `${prefix}controls.${i}`)))
}

function activitiesWithPaths (activities: Json | undefined, path: string): [JsonObject, string][] {
  return (Array.isArray(activities) ? activities : []).map((activity, i) => [activity as JsonObject, `${path}.${i}.`])
}

function controlOf (control: Json, path: string): Control {
  if (!isObject(control) || Object.keys(control).length === 0) throw invalid('InvalidControl', 'empty control is no control', { path, found: control, wanted: 'a mapping with name and provider' })
  const { name, provider } = control
  if (typeof name !== 'string' || name === '') throw invalid('InvalidControl', 'a control must have a `name` property', { path: `${path}.name`, found: name ?? 'nothing', wanted: 'text that is not empty' })
  if (!isObject(provider)) throw invalid('InvalidControl', 'a control must have a `provider` entry', { path: `${path}.provider`, found: provider ?? 'nothing', wanted: '{ type: python, module: ... }' })
  if (provider.type !== 'python') {
    throw invalid('InvalidControl', `unknown control provider type '${String(provider.type)}'`, { path: `${path}.provider.type`, found: provider.type ?? 'nothing', wanted: 'python' })
  }
  if (typeof provider.module !== 'string' || provider.module === '') {
    throw invalid('InvalidControl', 'a control must have a module path', { path: `${path}.provider.module`, found: provider.module ?? 'nothing', wanted: 'a module' })
  }
  return { name, module: provider.module, arguments: provider.arguments ?? null, path }
}

function extensionsOf (value: JsonObject): JsonObject[] {
  return listAt(value, 'extensions', 'extensions').map((extension, i) => {
    if (isObject(extension) && typeof extension.name === 'string' && extension.name !== '') return extension
    throw invalid('InvalidExperiment', 'an extension must have a non-empty `name`', { path: `extensions.${i}`, found: extension, wanted: 'a mapping with name' })
  })
}

function runtimeOf (value: JsonObject): ChaosExperiment['runtime'] {
  if (value.runtime === undefined || value.runtime === null) return null
  const runtime = mappingAt(value, 'runtime')
  const strategyIn = (half: string): Json | undefined => mappingAt(runtime, half, `runtime.${half}`).strategy
  return {
    hypothesis: readStrategy(strategyIn('hypothesis'), HYPOTHESIS_STRATEGIES, 'runtime.hypothesis.strategy'),
    rollbacks: readStrategy(strategyIn('rollbacks'), ROLLBACK_STRATEGIES, 'runtime.rollbacks.strategy')
  }
}
