import type { Environment } from '../../adapters/chaos-toolkit/executable.ts'
import { holdsChaos, loadChaosText } from '../../adapters/chaos-toolkit/load.ts'
import { validateChaosText } from '../../adapters/chaos-toolkit/validate.ts'
import { readToken } from '../../config/load.ts'
import { expandFiles } from '../../config/experiment-file.ts'
import { decodeConfig } from '../../config/schema.ts'
import { checkSchedule } from '../../config/schedule.ts'
import { expandConfig } from '../../config/value-files.ts'
import { decodeExperiment } from '../../experiment/document.ts'
import { PremortemError, toPremortemError } from '../../kernel/errors.ts'
import { parseText, readTextFile } from '../../kernel/text.ts'
import type { ParsedText } from '../../kernel/text.ts'
import { defineCommand, texts } from '../command.ts'
import { printError } from '../print-error.ts'

interface Validated { file: string, kind: 'configuration' | 'experiment' | 'Chaos Toolkit experiment' | null, warnings: string[], error: PremortemError | null }

/** Checks files without doing anything. */
export const validate = defineCommand<Validated[]>({
  usage: {
    command: 'validate <file..>',
    summary: 'Checks configurations and experiments; exit 2 if one does not fit',
    positionals: { file: { type: 'string', array: true, demandOption: true, describe: 'files, YAML or JSON; which is which shows by their keys' } },
    examples: [['validate config/premortem.yaml config/experiments/*.yaml', 'everything that is here']]
  },
  run: (args, { env }) => Promise.all(texts(args, 'file').map((file) => check(file, env))),
  views: {
    human: (files, look) => files.flatMap(({ file, kind, warnings, error }) => [
      error === null ? `${file}: a valid ${kind}` : printError(error, look),
      ...warnings.map((warning) => `${file}: warning: ${warning}`)
    ]).join('\n'),
    json: (files) => files.map(({ error, ...file }) => ({ ...file, valid: error === null, error: error?.toJSON() ?? null }))
  },
  exit: (files) => files.some(({ error }) => error !== null) ? 2 : 0
})

async function check (file: string, env: Environment): Promise<Validated> {
  let kind: Validated['kind'] = null
  try {
    if (await holdsChaos(file)) return await checkChaos(file, env)
    const written = await readTextFile(file)
    if (/^apiVersion:\s*openslo\//m.test(written)) refuseSlo(file)
    const text = parseText(written, file)
    kind = text.locate(() => kindOf(text.value))
    if (kind === 'experiment') return { file, kind, warnings: await warningsOf(text, file), error: null }
    const value = await expandConfig(text.value, file)
    const { schedule } = text.locate(() => decodeConfig(value, readToken, file))
    await checkSchedule(schedule, text.locate)
    return { file, kind, warnings: [], error: null }
  } catch (error) {
    return { file, kind, warnings: [], error: toPremortemError(error) }
  }
}

async function checkChaos (file: string, env: Environment): Promise<Validated> {
  const text = await loadChaosText(file, { token: env.CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN })
  return { file, kind: 'Chaos Toolkit experiment', warnings: validateChaosText(text, env).warnings, error: null }
}

// Whether it can be judged depends on where the experiment measures.
function refuseSlo (file: string): never {
  throw new PremortemError('PMT_ERR_INVALID', {
    message: 'an SLO of OpenSLO is checked with an experiment that names it',
    file,
    line: 1,
    found: 'an SLO',
    wanted: 'a configuration or an experiment',
    hint: 'write `openslo: FILE` under `steady-state` of an experiment, and validate that'
  })
}

function kindOf (value: unknown): NonNullable<Validated['kind']> {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (keys.includes('proxies')) return 'configuration'
  if (['steady-state', 'phases', 'faults', 'title'].some((key) => keys.includes(key))) return 'experiment'
  throw new PremortemError('PMT_ERR_INVALID', {
    message: 'neither a configuration nor an experiment', found: keys.join(', ') || 'no keys', wanted: '`proxies` (a configuration), or `steady-state`, `phases` and `faults` (an experiment), or `method` (one of the Chaos Toolkit)'
  })
}

async function warningsOf (text: ParsedText, file: string): Promise<string[]> {
  const notes: string[] = []
  const value = await expandFiles(text, file, (note) => notes.push(note))
  const { at, faults } = text.locate(() => decodeExperiment(value))
  return faults.some(({ on }) => on === at)
    ? [...notes, `a fault is on \`${at}\`, whose own traffic is judged: what it injects is in the result by itself; measure where the users are instead`]
    : notes
}
