import { expandOpenSlo } from './openslo.ts'
import { expandExperiment } from './value-files.ts'
import { decodeExperiment } from '../experiment/document.ts'
import type { Experiment } from '../experiment/document.ts'
import { PremortemError } from '../kernel/errors.ts'
import { parseText, readTextFile } from '../kernel/text.ts'
import type { ParsedText } from '../kernel/text.ts'

/** An experiment, and how to find the place in its file that an error names. */
export interface ExperimentFile { experiment: Experiment, locate: ParsedText['locate'] }

/**
 * The experiment in a YAML or JSON file; files that it names, for faults and SLOs, are relative to it. Throws
 * PMT_ERR_FILE_NOT_FOUND, PMT_ERR_FILE_UNREADABLE, PMT_ERR_SYNTAX, PMT_ERR_INVALID and the errors of faults, each with file,
 * line, column and path.
 */
export async function loadExperiment (file: string): Promise<ExperimentFile> {
  const text = parseText(await readTextFile(file), file)
  const expanded = await expandFiles(text, file)
  return { experiment: text.locate(() => decodeExperiment(expanded)), locate: text.locate }
}

/**
 * An experiment's value with the files that it names read. `note` hears what an SLO says that a run does not use. Throws as
 * loadExperiment, but for what only decodeExperiment sees.
 */
export async function expandFiles (
  { value, locate }: ParsedText, file: string, note?: (text: string) => void
): Promise<unknown> {
  try {
    return await expandOpenSlo(await expandExperiment(value, file), file, note)
  } catch (error) {
    // What is wrong in such a file has its place there, the rest has it here.
    if (error instanceof PremortemError && error.details.file === undefined) locate(() => { throw error })
    throw error
  }
}
