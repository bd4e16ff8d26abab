import { findExecutable } from './executable.ts'
import type { Environment } from './executable.ts'
import { invalid } from './invalid.ts'
import { isObject } from './python.ts'
import { PYTHON_FUNCTIONS } from './shims.ts'
import { checkTolerance } from './tolerance-document.ts'
import type { Activity, Json, JsonObject } from './types.ts'

const PLACE_ONLY = /^\$\{.+\}$/
// eslint-disable-next-line no-template-curly-in-string -- this is how it is written in a file
const PAUSE_WANTED = 'seconds, or ${name}'
const PROVIDERS = ['http', 'process', 'python']

const isText = (value: Json | undefined): value is string => typeof value === 'string' && value !== ''

/** Checks an activity. Throws PMT_ERR_CHAOS_TOOLKIT (InvalidActivity), naming the path. */
export function checkActivity (activity: Json, path: string, env: Environment): asserts activity is Activity {
  if (!isObject(activity) || Object.keys(activity).length === 0) {
    throw invalid('InvalidActivity', 'empty activity is no activity', { path, found: activity, wanted: 'a mapping with type, name and provider' })
  }
  const { type, name, provider, timeout, pauses, background } = activity
  if (type === undefined) throw invalid('InvalidActivity', 'an activity must have a type', { path, found: 'no `type`', wanted: 'probe or action' })
  if (type !== 'probe' && type !== 'action') {
    throw invalid('InvalidActivity', `'${String(type)}' is not a supported activity type`, { path: `${path}.type`, found: type, wanted: 'probe or action' })
  }
  if (!isText(name)) throw invalid('InvalidActivity', 'an activity must have a name', { path: `${path}.name`, found: name ?? 'nothing', wanted: 'text that is not empty' })
  if (!isObject(provider)) throw invalid('InvalidActivity', 'an activity requires a provider', { path: `${path}.provider`, found: provider ?? 'nothing', wanted: 'a mapping with type' })
  if (timeout !== undefined && typeof timeout !== 'number') {
    throw invalid('InvalidActivity', 'activity timeout must be a number', { path: `${path}.timeout`, found: timeout, wanted: 'seconds' })
  }
  if (background !== undefined && typeof background !== 'boolean') {
    throw invalid('InvalidActivity', 'activity background must be a boolean', { path: `${path}.background`, found: background, wanted: 'true or false' })
  }
  checkPauses(pauses, path)
  checkProvider(provider, `${path}.provider`, name, env)
}

/** Checks a probe of the hypothesis, which must have a tolerance. Throws PMT_ERR_CHAOS_TOOLKIT (InvalidActivity). */
export function checkHypothesisProbe (probe: Json, path: string, env: Environment): asserts probe is Activity {
  checkActivity(probe, path, env)
  const { tolerance } = probe as JsonObject
  if (tolerance === undefined) {
    throw invalid('InvalidActivity', 'hypothesis probe must have a tolerance entry', { path, found: 'no `tolerance`', wanted: 'what its output must be' })
  }
  checkTolerance(tolerance, `${path}.tolerance`, (inner, at) => checkActivity(inner, at, env))
}

function checkPauses (pauses: Json | undefined, path: string): void {
  if (pauses === undefined || pauses === null) return
  if (!isObject(pauses)) throw invalid('InvalidActivity', 'activity pauses must be a mapping', { path: `${path}.pauses`, found: pauses, wanted: '{ before: seconds, after: seconds }' })
  for (const when of ['before', 'after']) {
    const pause = pauses[when]
    if (pause === undefined || typeof pause === 'number' || (typeof pause === 'string' && PLACE_ONLY.test(pause))) continue
    throw invalid('InvalidActivity', `activity ${when} pause must be a number`, { path: `${path}.pauses.${when}`, found: pause, wanted: PAUSE_WANTED })
  }
}

function checkProvider (provider: JsonObject, path: string, name: string, env: Environment): void {
  const { type } = provider
  if (type === undefined) throw invalid('InvalidActivity', 'a provider must have a type', { path, found: 'no `type`', wanted: `one of ${PROVIDERS.join(', ')}` })
  switch (type) {
    case 'http': return checkHttp(provider, path, name)
    case 'process': return checkProcess(provider, path, name, env)
    case 'python': return checkPython(provider, path, name)
    default: throw invalid('InvalidActivity', `unknown provider type '${String(type)}'`, { path: `${path}.type`, found: type, wanted: `one of ${PROVIDERS.join(', ')}` })
  }
}

const isSeconds = (value: Json): boolean => typeof value === 'number' && value >= 0

function checkHttp (provider: JsonObject, path: string, name: string): void {
  const { url, headers, timeout, max_retries: retries, verify_tls: verify } = provider
  if (!isText(url)) throw invalid('InvalidActivity', `a HTTP provider must have a URL, in activity '${name}'`, { path: `${path}.url`, found: url ?? 'nothing', wanted: 'a URL' })
  if (headers !== undefined && headers !== null && !isObject(headers)) {
    throw invalid('InvalidActivity', `HTTP headers must be a mapping, in activity '${name}'`, { path: `${path}.headers`, found: headers, wanted: 'names and values' })
  }
  const fits = timeout === undefined || timeout === null || isSeconds(timeout) ||
    (typeof timeout === 'string' && PLACE_ONLY.test(timeout)) || (Array.isArray(timeout) && timeout.length === 2 && timeout.every(isSeconds))
  if (!fits) throw invalid('InvalidActivity', `HTTP timeout does not fit, in activity '${name}'`, { path: `${path}.timeout`, found: timeout, wanted: 'seconds, or [seconds to connect, seconds to read]' })
  if (retries !== undefined && !(Number.isInteger(retries) && Number(retries) >= 0)) {
    throw invalid('InvalidActivity', `max_retries must be a whole number, in activity '${name}'`, { path: `${path}.max_retries`, found: retries, wanted: 'a whole number, at least 0' })
  }
  if (verify !== undefined && typeof verify !== 'boolean') {
    throw invalid('InvalidActivity', `verify_tls must be a boolean, in activity '${name}'`, { path: `${path}.verify_tls`, found: verify, wanted: 'true or false' })
  }
}

function checkProcess (provider: JsonObject, path: string, name: string, env: Environment): void {
  const { path: program, arguments: given, timeout } = provider
  if (!isText(program)) {
    throw invalid('InvalidActivity', `a process provider must have a path, in activity '${name}'`, { path: `${path}.path`, found: program ?? 'nothing', wanted: 'a program' })
  }
  if (given !== undefined && given !== null && typeof given !== 'string' && typeof given !== 'object') {
    throw invalid('InvalidActivity', `process arguments do not fit, in activity '${name}'`, { path: `${path}.arguments`, found: given, wanted: 'text for a shell, a list, or a mapping' })
  }
  if (timeout !== undefined && timeout !== null && !isSeconds(timeout)) {
    throw invalid('InvalidActivity', `process timeout does not fit, in activity '${name}'`, { path: `${path}.timeout`, found: timeout, wanted: 'seconds' })
  }
  const found = findExecutable(program, env)
  if (typeof found === 'object') return
  throw invalid('InvalidActivity', found === 'missing' ? `path '${program}' cannot be found, in activity '${name}'` : `no access permission to '${program}', in activity '${name}'`,
    { path: `${path}.path`, found: program, wanted: 'a program that can be executed, by its path or on PATH' })
}

const MODULES = [...new Set(Object.keys(PYTHON_FUNCTIONS).map((name) => name.slice(0, name.lastIndexOf('.'))))]

function checkPython ({ module, func, arguments: given }: JsonObject, path: string, name: string): void {
  if (!isText(module)) throw invalid('InvalidActivity', `a Python provider must have a module, in activity '${name}'`, { path: `${path}.module`, found: module ?? 'nothing', wanted: 'a module' })
  if (!isText(func)) throw invalid('InvalidActivity', `a Python provider must have a func, in activity '${name}'`, { path: `${path}.func`, found: func ?? 'nothing', wanted: 'a function' })
  const called = `${module}.${func}`
  if (!Object.hasOwn(PYTHON_FUNCTIONS, called)) {
    const siblings = Object.keys(PYTHON_FUNCTIONS).filter((known) => known.startsWith(`${module}.`))
    throw invalid('InvalidActivity', `premortem does not run Python, and has nothing of its own for '${called}', in activity '${name}'`, {
      path: `${path}.${siblings.length > 0 ? 'func' : 'module'}`,
      found: called,
      wanted: `one of ${(siblings.length > 0 ? siblings : MODULES).join(', ')}`,
      hint: 'say it with an http or a process provider'
    })
  }
  const { takes, needs } = PYTHON_FUNCTIONS[called]!
  // Text is `${name}`: a mapping once it is filled in.
  if (typeof given === 'string') return
  if (given !== undefined && given !== null && !isObject(given)) {
    throw invalid('InvalidActivity', `arguments must be a mapping, in activity '${name}'`, { path: `${path}.arguments`, found: given, wanted: 'names and values' })
  }
  const missing = needs.find((key) => !Object.hasOwn(given ?? {}, key))
  if (missing !== undefined) {
    throw invalid('InvalidActivity', `required argument '${missing}' is missing from activity '${name}'`, { path: `${path}.arguments`, found: Object.keys(given ?? {}).join(', ') || 'nothing', wanted: needs.join(', ') })
  }
  const extra = Object.keys(given ?? {}).find((key) => !takes.includes(key))
  if (extra === undefined) return
  throw invalid('InvalidActivity', `argument '${extra}' is not part of the function signature, in activity '${name}'`, { path: `${path}.arguments.${extra}`, found: extra, wanted: `one of ${takes.join(', ')}` })
}
