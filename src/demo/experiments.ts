import { fileURLToPath } from 'node:url'
import { decodeExperiment } from '../experiment/document.ts'
import type { ExperimentDocument } from '../experiment/document.ts'
import { parseText, readTextFile } from '../kernel/text.ts'

/** How fast and how long the experiments of the demo are. */
export interface Pace { rate: number, phases: Record<'warmup' | 'baseline' | 'fault' | 'recovery', string> }

/**
 * 299 requests without a failure are the least to say that 99 % held. These give 960 in the fault phase, of which four may
 * fail, and enough in the recovery phase to see more than one stretch of 299.
 */
export const FULL: Pace = { rate: 120, phases: { warmup: '1s', baseline: '4s', fault: '8s', recovery: '5s' } }

/** 630 in the fault phase: two may fail. */
export const QUICK: Pace = { rate: 180, phases: { warmup: '500ms', baseline: '1500ms', fault: '3500ms', recovery: '2500ms' } }

/** What the demo plays, in this order. The files are the samples that users start from. */
export const FILES = ['latency-rises.yaml', 'lose-a-node.yaml', 'certificate-expires.yaml']

/** A sample experiment as it is written. Throws PMT_ERR_FILE_NOT_FOUND and PMT_ERR_SYNTAX. */
export async function loadDocument (name: string): Promise<ExperimentDocument> {
  const file = fileURLToPath(new URL(`../../config/experiments/${name}`, import.meta.url))
  return parseText(await readTextFile(file), file).value as ExperimentDocument
}

/** The same experiment at the demo's pace, on the shop at `edge`. */
export function adapt (document: ExperimentDocument, { rate, phases }: Pace, edge: string): ExperimentDocument {
  return { ...document, load: { ...document.load, url: `http://${edge}/checkout`, rate, timeout: '5s' }, phases }
}

/** Whether an experiment breaks TLS, which the shop must speak then. Throws what `decodeExperiment` does. */
export const breaksTls = (document: ExperimentDocument): boolean => decodeExperiment(document).faults.some(({ type }) => type.layer === 'tls')
