import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PremortemError } from '../kernel/errors.ts'
import type { Random } from '../kernel/random.ts'
import type { JournalSink } from './ports.ts'
import type { ObjectiveResult, RunResult } from './result.ts'

/** One line of a journal. */
export interface JournalEntry {
  /** ISO 8601. */
  time: string
  /** Milliseconds since the run began, by the monotonic clock. */
  elapsed: number
  /** As the event of the same name: `run.started`, `run.phase`, ... */
  type: string
  data: Record<string, unknown>
}

const FILE = 'journal.jsonl'

/** A run's id, such as `2026-11-22T22-31-05-ab12`: sorts by time, and is a name of a folder and of a fault. */
export function createRunId (wall: number, random: Random): string {
  const time = new Date(wall).toISOString().slice(0, 19).replaceAll(':', '-')
  return `${time}-${random.integer(0, 0xffff).toString(16).padStart(4, '0')}`
}

/**
 * A run's folder `root/id`, which must not exist yet, and the journal in it. Each line is on disk before `append`
 * returns: a run that is killed still has its journal. Throws PMT_ERR_JOURNAL.
 */
export function openFileJournal (root: string, id: string): JournalSink {
  const folder = join(root, id)
  const file = attempt(folder, () => {
    mkdirSync(root, { recursive: true })
    mkdirSync(folder)
    return openSync(join(folder, FILE), 'ax')
  })
  let closed = false
  return {
    folder,
    append (line) {
      attempt(folder, () => {
        // Unlike writeSync, this goes on until all of it is written.
        writeFileSync(file, `${line}\n`)
        fsyncSync(file)
      })
    },
    write (name, text) {
      attempt(folder, () => writeFileSync(join(folder, name), text))
    },
    close () {
      if (closed) return
      closed = true
      attempt(folder, () => closeSync(file))
    }
  }
}

/** The lines of a run's journal. A torn last line, which a kill can leave, is left out. Throws PMT_ERR_JOURNAL. */
export function readJournal (folder: string): JournalEntry[] {
  const file = join(folder, FILE)
  const text = attempt(file, () => readFileSync(file, 'utf8'))
  const lines = text.split('\n')
  // What stands after the last line break was never finished, even if it happens to parse.
  lines.pop()
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as JournalEntry
    } catch (cause) {
      throw new PremortemError('PMT_ERR_JOURNAL', { message: 'a line of the journal is not JSON', file, line: i + 1, column: 1, cause })
    }
  })
}

/**
 * What a run found out; null if it was killed before its end. Journals of before handshakes were counted say nothing of
 * them, and their objectives counted requests.
 */
export function resultOf (entries: readonly JournalEntry[]): RunResult | null {
  const ended = entries.findLast(({ type }) => type === 'run.ended')
  const result = ended?.data.result as Partial<RunResult> | undefined
  if (result === undefined) return null
  const told = (result.objectives ?? []) as (Omit<ObjectiveResult, 'counts'> & Partial<ObjectiveResult>)[]
  // Those of before there was `took` knew the wall clock only.
  const took = result.took ?? Date.parse(result.endedAt!) - Date.parse(result.startedAt!)
  const { tls = [], comparison = null, limit = null, detection = null, paging = [], budget = null } = result
  const { restored = null, rehearsal = null, sources = [] } = result
  const objectives = told.map((objective) => ({ counts: 'requests', ...objective }))
  const later = { comparison, limit, detection, paging, budget, restored, rehearsal, sources }
  return { ...result, took, objectives, tls, ...later } as RunResult
}

function attempt<T> (file: string, io: () => T): T {
  try {
    return io()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new PremortemError('PMT_ERR_JOURNAL', { message: `the journal cannot be read or written: ${message}`, file, found: code, cause })
  }
}
