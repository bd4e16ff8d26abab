import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readJournal, resultOf } from '../experiment/journal.ts'
import type { JournalEntry } from '../experiment/journal.ts'
import type { RunResult } from '../experiment/result.ts'
import { PremortemError } from '../kernel/errors.ts'
import { formatDuration } from '../kernel/units.ts'
import { paint, plain } from './layout.ts'
import type { Look } from './renderer.ts'
import { rendererOf } from './report.ts'
import type { ReportFormat } from './report.ts'

/** A run as its folder has it. `result` is null if the process was killed before the run's end. */
export interface StoredRun { folder: string, result: RunResult | null, entries: JournalEntry[] }

/**
 * A run of this or an earlier process, by its id or `latest`, in the folder that holds all runs.
 * Throws PMT_ERR_RUN_NOT_FOUND and PMT_ERR_JOURNAL.
 */
export function readStoredRun (root: string, id: string): StoredRun {
  const ids = storedRuns(root)
  const found = id === 'latest' ? ids.at(-1) : ids.find((known) => known === id)
  if (found === undefined) {
    throw new PremortemError('PMT_ERR_RUN_NOT_FOUND', { message: `no run ${id} in ${root}`, found: id, wanted: ids.length === 0 ? 'there is none yet' : `latest, or one of ${ids.slice(-5).join(', ')}` })
  }
  return readRunFolder(join(root, found))
}

/** A run by its own folder. Throws PMT_ERR_JOURNAL. */
export function readRunFolder (folder: string): StoredRun {
  const entries = readJournal(folder)
  return { folder, result: resultOf(entries), entries }
}

/** A stored run as a person reads it: its report, or how far it came. */
export function renderStored (run: StoredRun, format: ReportFormat, look: Look): string {
  const { folder, result, entries } = run
  if (result !== null) return rendererOf(format).render(result, look)
  if (format === 'json') return `${JSON.stringify(run, null, 2)}\n`
  const renderer = rendererOf(format)
  if (renderer.broken !== undefined) return renderer.broken({ ...beginningOf(run), why: `${KILLED} What there is: ${folder}` })
  return `${[
    paint(look, 'bold', `${KILLED} What there is, ${folder}:`),
    ...entries.map(({ elapsed, type, data }) => `${formatDuration(elapsed).padStart(8)}  ${type.padEnd(14)}  ${brief(data)}`)
  ].join('\n')}\n`
}

const KILLED = 'This run has no verdict: its process was killed before the end, or its journal could not be written any more.'

function beginningOf ({ folder, entries }: StoredRun): { id: string, title: string, startedAt: string } {
  const id = basename(folder)
  const started = entries.find(({ type }) => type === 'run.started')
  return { id, title: String(started?.data.title ?? id), startedAt: started?.time ?? new Date(0).toISOString() }
}

// Ids begin with their time, so their order is that of the runs.
function storedRuns (root: string): string[] {
  if (!existsSync(root)) return []
  return readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()
}

const LONGEST = 160

function brief (data: Record<string, unknown>): string {
  const text = Object.entries(data)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ')
  return plain(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text)
}
