import { dirname, resolve } from 'node:path'
import type { TSchema } from 'typebox'
import { typeOf } from '../faults/catalogue.ts'
import { listFields, namesFile } from '../faults/envelope.ts'
import type { FaultSpec } from '../faults/envelope.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { ErrorDetails } from '../kernel/errors.ts'
import { decode } from '../kernel/schema.ts'
import { parseText, readTextFile } from '../kernel/text.ts'
import type { ParsedText } from '../kernel/text.ts'

/**
 * The fault with `@FILE`, in place of a list (`recorded`, `replay`) or in one, read from that file, relative to `folder`:
 * numbers or durations, one on each line; a JSON list; a snapshot of a proxy; the replay of a fault. What is no fault is
 * left for decodeFault. Throws PMT_ERR_FILE_NOT_FOUND, PMT_ERR_FILE_UNREADABLE, PMT_ERR_SYNTAX and PMT_ERR_INVALID, each with
 * file, line, and the path below `base`.
 */
export async function expandFault<T> (written: T, folder: string, base = ''): Promise<T> {
  if (typeof written !== 'object' || written === null) return written
  const type = typeOf((written as unknown as FaultSpec).type)
  if (type === undefined) return written
  const lists = new Map<string, unknown[]>()
  for (const [key, item] of listFields(type)) {
    const values = [(written as Record<string, unknown>)[key]].flat()
    if (!values.some((value) => namesFile(value, item))) continue
    try {
      const read = await Promise.all(values.map((value) =>
        namesFile(value, item) ? readList(resolve(folder, value.slice(1)), key, item) : [value]))
      lists.set(key, read.flat())
    } catch (error) {
      throw error instanceof PremortemError ? error.at({ path: base === '' ? key : `${base}.${key}` }) : error
    }
  }
  return lists.size === 0 ? written : { ...written, ...Object.fromEntries(lists) }
}

/** A config file's value with the files that its faults name read. Throws as expandFault. */
export async function expandConfig (value: unknown, file: string): Promise<unknown> {
  return eachOf(value, 'proxies', '', (proxy, path) => expandFaults(proxy, file, `${path}.`))
}

/** An experiment's value with the files that its faults name read. Throws as expandFault. */
export function expandExperiment (value: unknown, file: string): Promise<unknown> {
  return expandFaults(value, file, '')
}

function expandFaults (owner: unknown, file: string, prefix: string): Promise<unknown> {
  return eachOf(owner, 'faults', prefix, (fault, path) => expandFault(fault, dirname(file), path))
}

/** A mapping with each item of one of its lists changed; anything else as it is. */
async function eachOf (
  owner: unknown, key: string, prefix: string, change: (item: unknown, path: string) => Promise<unknown>
): Promise<unknown> {
  const list = (owner as Record<string, unknown> | null)?.[key]
  if (!Array.isArray(list)) return owner
  const changed: unknown[] = []
  for (const [i, item] of list.entries()) changed.push(await change(item, `${prefix}${key}.${i}`))
  return { ...owner as object, [key]: changed }
}

/**
 * The values in a file for a list `key` whose items are of this schema. Throws as expandFault; the errors have no path,
 * but file and line.
 */
export async function readList (file: string, key: string, item: TSchema): Promise<unknown[]> {
  const text = await readTextFile(file)
  return /^\s*[[{]/.test(text) ? readJson(text, file, key, item) : readLines(text, file, item)
}

function readLines (text: string, file: string, item: TSchema): unknown[] {
  const found: unknown[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const word = line.trim()
    if (word === '' || word.startsWith('#')) continue
    const value = /^\d+(\.\d+)?$/.test(word) ? Number(word) : word
    check(value, item, () => ({ file, line: i + 1 }))
    found.push(value)
  }
  return notEmpty(found, file)
}

function readJson (text: string, file: string, key: string, item: TSchema): unknown[] {
  const { value, locate } = parseText(text, file)
  const list = Array.isArray(value) ? value as unknown[] : key === 'replay' ? replayIn(value, file) : samplesIn(value, file)
  list.forEach((entry, i) => check(entry, item, () => placeOf(locate, Array.isArray(value) ? `${i}` : `${key}.${i}`)))
  return notEmpty(list, file)
}

function placeOf (locate: ParsedText['locate'], path: string): Place {
  try {
    return locate(() => { throw new PremortemError('PMT_ERR_INVALID', { path }) })
  } catch (error) {
    const { file, line, column } = (error as PremortemError).details
    return { file, line, column }
  }
}

type Place = Pick<ErrorDetails, 'file' | 'line' | 'column'>

// The error's own path is of the value alone; whoever called knows the document's.
function check (value: unknown, item: TSchema, place: () => Place): void {
  try {
    decode(item, value)
  } catch (error) {
    if (!(error instanceof PremortemError)) throw error
    const { path: _, ...details } = error.details
    throw new PremortemError(error.code, { ...details, ...place(), message: error.message })
  }
}

function notEmpty (list: unknown[], file: string): unknown[] {
  if (list.length > 0) return list
  throw new PremortemError('PMT_ERR_INVALID', { message: 'the file has no value', file, line: 1, found: 'nothing', wanted: 'at least one' })
}

/** What GET …/decisions?format=replay answers. */
function replayIn (value: unknown, file: string): unknown[] {
  const { replay } = value as { replay?: unknown }
  if (Array.isArray(replay)) return replay
  throw new PremortemError('PMT_ERR_INVALID', { message: 'not a replay', file, line: 1, found: value, wanted: 'a list of ordinals, or the answer of GET …/decisions?fault=ID&format=replay' })
}

interface Percentile { at: number, ms: number }

/**
 * A hundred samples spread as the percentiles that GET …/snapshot answers, straight lines between them. Of what lies
 * below the median a snapshot says nothing: it is taken to be as long.
 */
function samplesIn (value: unknown, file: string): number[] {
  const { recent } = value as { recent?: Record<string, unknown> }
  const names = { p50: 50, p90: 90, p95: 95, p99: 99, max: 100 }
  const known = Object.entries(names).map(([name, at]): Percentile => ({ at, ms: Number(recent?.[name] ?? NaN) }))
  if (known.some(({ ms }) => !(ms >= 0))) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'neither a list nor a snapshot', file, line: 1, found: value, wanted: 'a list of durations, or the answer of GET /v1/proxies/PROXY/snapshot' })
  }
  if (recent?.count === 0) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'the snapshot saw no traffic', file, line: 1, found: 0, wanted: 'one taken while requests were coming in' })
  }
  return Array.from({ length: 100 }, (_, i) => {
    const at = i + 0.5
    const next = known.findIndex((point) => point.at >= at)
    const [from, to] = [known[next - 1], known[next]!]
    const ms = from === undefined ? to.ms : from.ms + (to.ms - from.ms) * (at - from.at) / (to.at - from.at)
    return Number(ms.toFixed(3))
  })
}
