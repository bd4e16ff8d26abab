import type { Clock } from '../kernel/clock.ts'
import { toPremortemError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import type { Control } from './control.ts'
import type { JournalEntry } from './journal.ts'
import type { JournalSink } from './ports.ts'

/** Where a run's events go, beside its journal. */
export type Publish = (type: string, data: Record<string, unknown>) => void

/** What a scribe needs. */
export interface ScribeTools { clock: Clock, log: Logger, journal: JournalSink, control: Control, publish: Publish }

/**
 * Writes down what happens in a run and tells it to whoever listens. Never throws, for it is used while faults are
 * removed: a journal that cannot be written ends the run instead.
 */
export class Scribe {
  readonly #tools: ScribeTools
  readonly #startedAt: number
  #broken = false

  constructor (tools: ScribeTools) {
    this.#tools = tools
    this.#startedAt = tools.clock.now()
  }

  /** Publishes an event and writes it into the journal. */
  tell (type: string, data: Record<string, unknown>): void {
    this.note(type, data)
    this.announce(type, data)
  }

  /** Publishes an event only. */
  announce (type: string, data: Record<string, unknown>): void {
    const { publish, log } = this.#tools
    try {
      publish(type, data)
    } catch (error) {
      log.error({ err: error, type }, 'an event of the run could not be passed on')
    }
  }

  /** Writes a line into the journal only. */
  note (type: string, data: Record<string, unknown>): void {
    const { clock, journal } = this.#tools
    const entry: JournalEntry = { time: new Date(clock.wall()).toISOString(), elapsed: clock.now() - this.#startedAt, type, data }
    this.#attempt(() => journal.append(JSON.stringify(entry)))
  }

  /** Writes a file beside the journal, as JSON. */
  file (name: string, value: unknown): void {
    this.#attempt(() => this.#tools.journal.write(name, `${JSON.stringify(value, null, 2)}\n`))
  }

  close (): void {
    this.#attempt(() => this.#tools.journal.close())
  }

  #attempt (io: () => void): void {
    const { control, log } = this.#tools
    if (this.#broken) return
    try {
      io()
    } catch (error) {
      this.#broken = true
      log.error({ err: error }, 'the journal cannot be written')
      control.end('failed', toPremortemError(error).message)
    }
  }
}
