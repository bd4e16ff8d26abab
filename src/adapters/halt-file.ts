import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { Halt, HaltState } from '../kernel/halt.ts'
import type { Logger } from '../kernel/log.ts'

/** How often the file is looked for, where the system does not tell at once, in milliseconds. */
const POLL = 500

/** How long an empty file may still be about to get its reason, in milliseconds. */
const GRACE = 100

/** The longest reason that is read from a file, in bytes. */
const LONGEST = 1024

/** What the lever as a file takes. */
export interface HaltFileTools { file: string, halt: Halt, clock: Clock, log: Logger }

/** The panic lever as a file. */
export interface HaltFile {
  /** Looks for the file, which engages the lever at once, and goes on looking. */
  start (): void
  stop (): void
}

/**
 * The panic lever as a file: when the file appears, its first line is the reason and the lever is engaged; engaged otherwise,
 * the file is written, so that it outlives this process. Releasing the lever removes it, and removing it releases the lever.
 */
export function createHaltFile ({ file, halt, clock, log }: HaltFileTools): HaltFile {
  let known = false
  let watcher: FSWatcher | undefined
  const cancels: Cancel[] = []

  const look = (patient = true): void => {
    const reason = readHaltFile(file)
    const before = known
    known = reason !== null
    if (reason === null && before && halt.state !== null) halt.release(`the file ${file} was removed`)
    if (reason === null || halt.state !== null) return
    // Whoever makes a file and then writes into it is seen in between.
    if (reason === '' && patient) cancels.push(clock.after(GRACE, () => safely(false)))
    else halt.engage(reason === '' ? `the file ${file} is there` : reason, 'file')
  }
  const safely = (patient = true): void => {
    try {
      look(patient)
    } catch (error) {
      log.error({ err: error, file }, 'the panic lever could not be moved as its file says')
    }
  }
  const listen = (): void => {
    if (watcher !== undefined) return
    try {
      watcher = watch(dirname(file), { persistent: false }, (_, name) => {
        if (name === null || name === basename(file)) safely()
      })
      watcher.on('error', () => { watcher?.close() })
    } catch {
      // The folder is not there yet, or cannot be watched: looking every now and then must do.
    }
  }
  const keep = (state: HaltState): void => {
    log.warn({ ...state }, 'halted')
    if (readHaltFile(file) !== null) return
    try {
      writeHaltFile(file, state)
      known = true
    } catch (error) {
      log.error({ err: error, file }, 'the panic lever could not be written to its file: it will not outlive this process')
    }
  }
  const remove = (state: HaltState, reason: string): void => {
    removeHaltFile(file)
    known = false
    log.warn({ reason, halted: state }, 'released')
  }

  return {
    start () {
      cancels.push(halt.onEngage(keep), halt.onRelease(remove))
      look(false)
      listen()
      cancels.push(clock.every(POLL, () => {
        safely()
        listen()
      }))
    },
    stop () {
      for (const cancel of cancels.splice(0)) cancel()
      watcher?.close()
    }
  }
}

/** The first line of the file; empty if it has none, null if there is no such file. */
export function readHaltFile (file: string): string | null {
  try {
    if (!statSync(file).isFile()) return ''
    const bytes = Buffer.alloc(LONGEST)
    const opened = openSync(file, 'r')
    try {
      const text = bytes.toString('utf8', 0, readSync(opened, bytes, 0, LONGEST, 0))
      return text.split(/\r?\n/, 1)[0]!.trim()
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    // One that is there and cannot be read is meant all the same.
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? null : ''
  }
}

/** Writes the file, as the lever is engaged. */
export function writeHaltFile (file: string, { reason, since }: Pick<HaltState, 'reason' | 'since'>): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${reason.replaceAll(/\s+/g, ' ')}\nhalted since ${since}; remove this file to release\n`)
}

/** Removes the file, if it is there. Throws PMT_ERR_FILE_UNREADABLE. */
export function removeHaltFile (file: string): void {
  try {
    rmSync(file, { force: true })
  } catch (cause) {
    if (readHaltFile(file) === null) return
    throw new PremortemError('PMT_ERR_FILE_UNREADABLE', { message: `still halted: the file cannot be removed: ${(cause as Error).message}`, file, cause })
  }
}
