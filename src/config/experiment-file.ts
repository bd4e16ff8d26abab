import { expandExperiment } from './value-files.ts'
import { decodeExperiment } from '../experiment/document.ts'
import type { Experiment } from '../experiment/document.ts'
import { parseText, readTextFile } from '../kernel/text.ts'
import type { ParsedText } from '../kernel/text.ts'

/** An experiment, and how to find the place in its file that an error names. */
export interface ExperimentFile { experiment: Experiment, locate: ParsedText['locate'] }

/**
 * The experiment in a YAML or JSON file; files that its faults name are relative to it. Throws PMT_ERR_FILE_NOT_FOUND,
 * PMT_ERR_FILE_UNREADABLE, PMT_ERR_SYNTAX, PMT_ERR_INVALID and the errors of faults, each with file, line, column and path.
 */
export async function loadExperiment (file: string): Promise<ExperimentFile> {
  const { value, locate } = parseText(await readTextFile(file), file)
  const expanded = await expandExperiment(value, file)
  return { experiment: locate(() => decodeExperiment(expanded)), locate }
}
