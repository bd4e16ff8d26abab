import type { Decision } from '../faults/plan.ts'

/** What one fault decided about a request or a connection. */
export interface Met { fault: string, decision: Decision }

/** What was decided about one request, or about one connection (`exchange` 0, no method and path). */
export interface DecisionRecord {
  /** Counts up from 1 on each proxy. */
  id: number
  /** Monotonic milliseconds. */
  at: number
  connection: number
  /** Ordinal of the exchange on its connection, from 1. */
  exchange: number
  method: string
  path: string
  /** Of the plan that was asked. */
  revision: number
  /** In the order the faults were asked. An entry is replaced when a later event settles it (`pending`, `unfit`). */
  met: Met[]
}

/** How many are kept. */
export const KEPT = 1000

/** The last thousand decisions of a proxy. Nothing is recorded while no fault is active. */
export class Decisions {
  readonly #ring: DecisionRecord[] = []
  #last = 0

  /** Whether none has been forgotten. */
  get complete (): boolean { return this.#last <= KEPT }

  /** Keeps a record under the next id, and forgets the oldest when there are too many. */
  record ({ at, connection, exchange, method, path, revision, met }: Omit<DecisionRecord, 'id'>): DecisionRecord {
    const record = { id: ++this.#last, at, connection, exchange, method, path, revision, met }
    this.#ring[(record.id - 1) % KEPT] = record
    return record
  }

  /** From the oldest kept to the newest. */
  list (): DecisionRecord[] {
    const oldest = this.#last % KEPT
    return this.#last <= KEPT ? [...this.#ring] : [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)]
  }
}
