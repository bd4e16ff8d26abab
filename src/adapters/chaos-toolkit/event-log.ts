import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { journalOf } from './journal.ts'
import type { ChaosEvent, ChaosJournal } from './journal.ts'
import type { Redact } from './redact.ts'
import type { Json } from './types.ts'

/** Where a run's events go. */
export interface EventLog {
  /** Writes an event down, on disk before it returns. */
  append (event: ChaosEvent): void
  /** The journal so far. */
  journal (): ChaosJournal
  /** Writes the journal to its file; the events are not needed any more then. */
  finish (): void
  /** Leaves no file behind. */
  discard (): void
}

/** What an event log needs. With `late`, no file is written before the end, as the Chaos Toolkit does it. */
export interface EventLogOptions { file: string, clock: Clock, redact: Redact, late: boolean }

/** How long the journal on disk may be behind the events while the hypothesis is verified over and over, in milliseconds. */
const BEHIND = 1000

/** Where the events of a journal are while its run goes on. */
export const eventsFile = (journal: string): string => `${journal}.events`

/**
 * The events of a run, in a file of lines beside its journal, and the journal, which is made from them again and again: a run
 * that is killed has both. Nothing gets in before the secrets are out. Throws PMT_ERR_FILE_UNREADABLE.
 */
export function openEventLog ({ file, clock, redact, late }: EventLogOptions): EventLog {
  const events: ChaosEvent[] = []
  const lines = eventsFile(file)
  const opened = late ? null : attempt(lines, () => openSync(lines, 'w'))
  let writtenAt = -Infinity
  const write = (): void => {
    attempt(file, () => {
      writeFileSync(`${file}.part`, `${JSON.stringify(journalOf(events.map(copy)), null, 2)}\n`)
      renameSync(`${file}.part`, file)
    })
    writtenAt = clock.now()
  }
  const close = (): void => {
    if (opened === null) return
    attempt(lines, () => {
      closeSync(opened)
      rmSync(lines, { force: true })
    })
  }
  return {
    append (event) {
      const clean = redact(event as unknown as Json) as unknown as ChaosEvent
      events.push(clean)
      if (opened === null) return
      attempt(lines, () => {
        writeFileSync(opened, `${JSON.stringify(clean)}\n`)
        fsyncSync(opened)
      })
      const frequent = clean.type === 'hypothesis' && clean.when === 'during'
      if (!frequent || clock.now() - writtenAt >= BEHIND) write()
    },
    journal: () => journalOf(events.map(copy)),
    finish () {
      write()
      close()
    },
    discard () {
      close()
      if (opened !== null) rmSync(file, { force: true })
    }
  }
}

/** The journal of a run that was killed, from its events. A torn last line is left out. Throws PMT_ERR_FILE_UNREADABLE. */
export function recoverJournal (file: string): ChaosJournal {
  const text = attempt(file, () => readFileSync(file, 'utf8'))
  return journalOf(text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as ChaosEvent))
}

// A journal fills in what is missing of an activity, which the events must not lose.
const copy = (event: ChaosEvent): ChaosEvent => structuredClone(event)

function attempt<T> (file: string, io: () => T): T {
  try {
    return io()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new PremortemError('PMT_ERR_FILE_UNREADABLE', { message: `the journal cannot be read or written: ${message}`, file, found: code, cause })
  }
}
