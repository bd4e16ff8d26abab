import type { Environment } from './executable.ts'
import { invalid } from './invalid.ts'
import { isObject } from './python.ts'
import type { Activity, ChaosExperiment, Json, JsonObject, Scope } from './types.ts'
import { readValue } from './values.ts'

/** What the command line sets over the experiment's own configuration and secrets; `vars` wins over files. */
export interface Overrides { vars: JsonObject, configuration: JsonObject, secrets: JsonObject }

/** Nothing set over anything. */
export const NO_OVERRIDES: Overrides = { vars: {}, configuration: {}, secrets: {} }

/** What loading needs: the environment, a way to run a probe (undefined if it failed), and somebody to tell. */
export interface ScopeTools {
  env: Environment
  runProbe: (probe: Activity, scope: Scope) => Promise<Json | undefined>
  warn: (words: string) => void
}

/**
 * The experiment's configuration and secrets as they are for this run: from the environment and from probes too. Throws
 * PMT_ERR_CHAOS_TOOLKIT (InvalidExperiment) for what is not there, naming the path.
 */
export async function loadScope (experiment: ChaosExperiment, overrides: Overrides, tools: ScopeTools): Promise<Scope> {
  const secrets: JsonObject = {}
  const groups = { ...experiment.secrets, ...mergedGroups(experiment.secrets, overrides.secrets) }
  for (const [group, members] of Object.entries(groups)) {
    secrets[group] = Object.fromEntries(Object.entries(members as JsonObject).map(([name, written]) =>
      [name, secretOf(written, `secrets.${group}.${name}`, tools.env)]))
  }
  const configuration: JsonObject = {}
  const scope: Scope = { configuration, secrets }
  const set = { ...overrides.configuration, ...overrides.vars }
  const dynamic: [string, JsonObject][] = []
  for (const [name, written] of Object.entries({ ...experiment.configuration, ...set })) {
    if (isObject(written) && written.type === 'probe') dynamic.push([name, written])
    else if (isObject(written) && written.type === 'env') configuration[name] = fromEnvironment(written, `configuration.${name}`, tools.env, 'Configuration')
    else configuration[name] = written
  }
  // After the others, which they may refer to.
  for (const [name, written] of dynamic) {
    const output = await tools.runProbe({ name, ...written } as unknown as Activity, scope)
    const value = output === undefined ? undefined : outputOf(output, written)
    if (value === undefined) tools.warn(`the configuration \`${name}\` has no value: its probe failed`)
    else configuration[name] = value
  }
  return scope
}

function mergedGroups (own: JsonObject, over: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(over).filter(([, members]) => isObject(members)).map(([group, members]) =>
    [group, { ...(own[group] as JsonObject | undefined), ...(members as JsonObject) }]))
}

function secretOf (written: Json, path: string, env: Environment): Json {
  if (!isObject(written)) return written
  if (written.type === 'env') return fromEnvironment(written, path, env, 'Secrets')
  if (written.type === 'vault') {
    throw invalid('InvalidExperiment', 'premortem does not read secrets from Vault', { path, found: 'vault', wanted: '`type: env`', hint: 'read it with the vault program, and hand it over in the environment' })
  }
  return written
}

function fromEnvironment (written: JsonObject, path: string, env: Environment, what: string): Json {
  const key = String(written.key ?? '')
  const text = env[key]
  if (text !== undefined) return readValue(text, typeof written.env_var_type === 'string' ? written.env_var_type : 'str', path)
  if (Object.hasOwn(written, 'default')) return written.default!
  throw invalid('InvalidExperiment', `${what} makes reference to an environment key that does not exist: ${key}`, { path, found: `no ${key} in the environment`, wanted: what === 'Secrets' ? 'the variable' : 'the variable, or a `default`' })
}

/** What a probe's output is as a value: of a program that went well its output, of a service its body. */
function outputOf (output: Json, { provider }: JsonObject): Json | undefined {
  const { type } = provider as JsonObject
  if (type === 'python' || !isObject(output)) return output
  if (type === 'http') return output.body
  return output.status === 0 ? String(output.stdout).trim() : undefined
}

/** Every secret value in a scope, as text. */
export function secretTexts ({ secrets }: Scope): string[] {
  const texts = (value: Json): string[] => isObject(value) || Array.isArray(value)
    ? Object.values(value).flatMap(texts)
    : value === null || typeof value === 'boolean' ? [] : [String(value)]
  return [...new Set(texts(secrets))].filter((text) => text !== '')
}
