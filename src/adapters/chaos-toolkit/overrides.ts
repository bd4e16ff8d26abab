import { extname } from 'node:path'
import { parseText, readTextFile } from '../../kernel/text.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { isObject } from './python.ts'
import type { Overrides } from './scope.ts'
import type { Json, JsonObject } from './types.ts'
import { readValue } from './values.ts'

/** What the command line sets, and the variables of the environment that its files add. */
export interface ReadOverrides { overrides: Overrides, env: Record<string, string> }

/**
 * What `--var KEY[:TYPE]=VALUE` and `--var-file FILE` say. A file of JSON or YAML holds `configuration` and `secrets`; any other
 * holds lines of NAME=VALUE for the environment. Later ones win. Throws PMT_ERR_USAGE, and the errors of files and values.
 */
export async function readOverrides (vars: readonly string[], files: readonly string[]): Promise<ReadOverrides> {
  const overrides: Overrides = { vars: Object.fromEntries(vars.map(readVar)), configuration: {}, secrets: {} }
  const env: Record<string, string> = {}
  for (const file of files) {
    const text = await readTextFile(file)
    if (!['.json', '.yaml', '.yml'].includes(extname(file).toLowerCase())) {
      Object.assign(env, readEnvironment(text))
      continue
    }
    const { value } = parseText(text, file, { yaml: '1.1' })
    const { configuration, secrets } = isObject(value) ? value : {} as JsonObject
    if (isObject(configuration)) Object.assign(overrides.configuration, plainValues(configuration))
    if (isObject(secrets)) Object.assign(overrides.secrets, secrets)
  }
  return { overrides, env }
}

// There a value may stand beside its type.
function plainValues (configuration: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(configuration).map(([name, written]): [string, Json] =>
    [name, isObject(written) && written.type !== 'env' && written.type !== 'probe' && Object.hasOwn(written, 'value') ? written.value! : written]))
}

function readVar (written: string): [string, Json] {
  const found = /^([^:=]+)(?::([^=]+))?=([^]*)$/.exec(written)
  if (found === null) throw new PremortemError('PMT_ERR_USAGE', { message: 'not a variable', path: '--var', found: written, wanted: 'KEY=VALUE, or KEY:TYPE=VALUE' })
  return [found[1]!, readValue(found[3]!, found[2] ?? 'str', '--var')]
}

function readEnvironment (text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line))
  return Object.fromEntries(lines.filter((line) => line !== null).map((line) => [line[1]!, line[2]!.replace(/^(['"])(.*)\1$/, '$2')]))
}
