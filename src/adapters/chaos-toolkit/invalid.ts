import { PremortemError } from '../../kernel/errors.ts'
import type { ErrorDetails } from '../../kernel/errors.ts'

/** What the Chaos Toolkit calls what is wrong with a file. */
export type InvalidClass = 'InvalidExperiment' | 'InvalidActivity' | 'InvalidControl' | 'InvalidSource'

/** An error about a Chaos Toolkit file: PMT_ERR_CHAOS_TOOLKIT, its message begun with the class that the Chaos Toolkit raises. */
export function invalid (kind: InvalidClass, message: string, details: Omit<ErrorDetails, 'message'> = {}): PremortemError {
  return new PremortemError('PMT_ERR_CHAOS_TOOLKIT', { ...details, message: `${kind}: ${message}` })
}
