import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readJournal, resultOf } from '../experiment/journal.ts'
import { EXIT_CODES } from '../experiment/result.ts'
import type { Comparison, Deviation, RunOutcome, RunResult, TimeToRecover } from '../experiment/result.ts'
import { PremortemError, toPremortemError } from '../kernel/errors.ts'

/** How far the main objective was from where it is without the faults: the first deviation of a run's comparison. */
export interface Effect extends Pick<Deviation, 'difference' | 'verdict'> { against: Comparison['against'] }

/**
 * A stored run in one line. `unfinished`: it has no result, because its process was killed or is still at it. `damaged`: it
 * cannot be read, and `problem` says why. What is not known is null.
 */
export interface RunSummary {
  id: string
  state: 'ended' | 'running' | 'unfinished' | 'damaged'
  /** ISO 8601. */
  startedAt: string | null
  title: string | null
  documentHash: string | null
  outcome: RunOutcome | null
  exitCode: number | null
  /** The main objective: the first of the document. */
  objective: string | null
  effect: Effect | null
  /** Until every objective held again. */
  timeToRecover: TimeToRecover | null
  problem: string | null
}

/** Which runs: those whose title contains `title`, whatever the case, and of these the `last` so many. */
export interface HistoryQuery { title?: string | undefined, last?: number | undefined }

/** How many runs are shown when nobody says. */
export const USUAL_LAST = 20

/** How many folders are read at a time. */
const BATCH = 16

/**
 * The runs in the folder that holds them all, the newest last; none if there is no such folder. Reads from the newest on, and
 * no more than it must. Never throws for a run that cannot be read: it is one of them.
 */
export async function readHistory (root: string, { title, last = USUAL_LAST }: HistoryQuery = {}): Promise<RunSummary[]> {
  // Ids begin with their time, so their order is that of the runs.
  const ids = (await foldersIn(root)).sort().reverse()
  const wanted = title?.toLowerCase()
  const found: RunSummary[] = []
  for (let i = 0; i < ids.length && found.length < last; i += BATCH) {
    const batch = await Promise.all(ids.slice(i, i + BATCH).map((id) => readSummary(root, id)))
    found.push(...batch.filter((run) => wanted === undefined || run.title?.toLowerCase().includes(wanted) === true))
  }
  return found.slice(0, last).reverse()
}

/** A run that has ended, in one line. Throws if it is none. */
export function summarise (result: RunResult): RunSummary {
  const { id, startedAt, title, documentHash, outcome, exitCode, objectives, comparison } = result
  if (!(outcome in EXIT_CODES) || typeof title !== 'string') throw new PremortemError('PMT_ERR_JOURNAL', { message: 'not the result of a run' })
  const deviation = comparison?.deviations[0]
  return {
    id,
    state: 'ended',
    startedAt,
    title,
    documentHash,
    outcome,
    exitCode,
    objective: objectives[0]?.objective ?? null,
    effect: deviation === undefined || deviation.with.n === 0 || deviation.without.n === 0
      ? null
      : { difference: deviation.difference, verdict: deviation.verdict, against: comparison!.against },
    timeToRecover: recoveryOf(objectives.map(({ timeToRecover }) => timeToRecover)),
    problem: null
  }
}

/** How long until every objective held again. What was not seen to end lasted at least as long as was watched. */
export function recoveryOf (times: readonly TimeToRecover[]): TimeToRecover | null {
  const longest = (kind: 'recovered' | 'not-seen'): TimeToRecover | undefined => {
    const lengths = times.flatMap((time) => time.kind === kind ? [time.ms] : [])
    return lengths.length === 0 ? undefined : { kind, ms: Math.max(...lengths) }
  }
  return longest('not-seen') ?? longest('recovered') ?? times.find(({ kind }) => kind === 'unknown') ?? times[0] ?? null
}

async function foldersIn (root: string): Promise<string[]> {
  try {
    return (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readSummary (root: string, id: string): Promise<RunSummary> {
  try {
    const text = await readFile(join(root, id, 'result.json'), 'utf8')
    // Through the journal's eyes, which know what older results lack.
    const result = resultOf([{ time: '', elapsed: 0, type: 'run.ended', data: { result: JSON.parse(text) as unknown } }])!
    return { ...summarise(result), id }
  } catch {
    return fromJournal(root, id)
  }
}

// The journal is on disk line by line, so it may know what the result cannot say.
function fromJournal (root: string, id: string): RunSummary {
  const unknown = {
    id,
    startedAt: startOf(id),
    title: null,
    documentHash: null,
    outcome: null,
    exitCode: null,
    objective: null,
    effect: null,
    timeToRecover: null
  }
  try {
    const entries = readJournal(join(root, id))
    const result = resultOf(entries)
    if (result !== null) return { ...summarise(result), id }
    const started = entries.find(({ type }) => type === 'run.started')
    const { title, documentHash } = started?.data ?? {}
    const told = { title: textOf(title), documentHash: textOf(documentHash), startedAt: started?.time ?? unknown.startedAt }
    return { ...unknown, ...told, state: 'unfinished', problem: 'its process was killed before the run\'s end, or is still at it' }
  } catch (error) {
    const { message, details: { line } } = toPremortemError(error)
    return { ...unknown, state: 'damaged', problem: line === undefined ? message : `${message}, line ${line}` }
  }
}

const textOf = (value: unknown): string | null => typeof value === 'string' ? value : null

function startOf (id: string): string | null {
  const found = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)(?=-|$)/.exec(id)
  const time = found === null ? NaN : Date.parse(`${found[1]}:${found[2]}:${found[3]}Z`)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
