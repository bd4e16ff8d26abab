import type { ParsedText } from '../../kernel/text.ts'
import { decodeChaosExperiment } from './document.ts'
import type { Environment } from './executable.ts'
import { readNative } from './native.ts'
import { SAFEGUARDS, readSafeguards } from './safeguards.ts'
import type { ChaosExperiment } from './types.ts'

/** An experiment, and what about it is worth knowing before it runs. */
export interface ValidatedExperiment { experiment: ChaosExperiment, warnings: string[] }

/** Checks a text that holds an experiment of the Chaos Toolkit. Throws PMT_ERR_CHAOS_TOOLKIT with line and column. */
export function validateChaosText ({ value, locate }: ParsedText, env: Environment): ValidatedExperiment {
  const experiment = locate(() => {
    const decoded = decodeChaosExperiment(value, env)
    readNative(decoded.extensions)
    readSafeguards(decoded.controls, env)
    return decoded
  })
  return { experiment, warnings: warningsOf(experiment) }
}

function warningsOf ({ controls, hypothesis }: ChaosExperiment): string[] {
  return [
    ...controls.filter(({ module }) => module !== SAFEGUARDS).map(({ name, module, path }) => `the control \`${name}\` (${module}, at ${path}) is Python and is left out`),
    ...hypothesis === null || hypothesis.probes.length === 0 ? ['without a probe in a steady-state hypothesis a run can show nothing'] : []
  ]
}
