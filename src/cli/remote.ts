import type { ControlClient } from '../api/client.ts'
import type { RunResult } from '../experiment/result.ts'
import type { RunView } from '../experiment/runs.ts'
import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { Target } from './target.ts'

/** How long a run goes on when its driver falls silent, and how often the driver speaks, in milliseconds. */
const LEASE = 10_000
const HEARTBEAT = 3000

/** A sidecar elsewhere, by its control API. What dies here leaves nothing behind there: the run's lease runs out. */
export function createRemoteTarget (client: ControlClient, clock: Clock): Target {
  const driven = new Map<string, Drive>()
  const drive = (id: string): Drive => {
    const found = driven.get(id)
    if (found === undefined) throw new PremortemError('PMT_ERR_RUN_NOT_FOUND', { found: id })
    return found
  }
  return {
    async start (document, seed, how = {}) {
      const run = await client.startRun(document as object, { seed, lease: LEASE, ...how })
      driven.set(run.id, new Drive(client, clock, run))
      return run
    },
    follow: (id, changed) => drive(id).follow(changed),
    result: (id) => drive(id).result,
    interrupt: (id, reason) => drive(id).interrupt(reason),
    async halt (reason) { await client.halt(reason) },
    plan: (document) => client.plan(document as object),
    async close () {
      for (const each of driven.values()) each.stop()
    }
  }
}

/** A run in another process that goes on as long as this one keeps asking for it. */
class Drive {
  readonly result: Promise<RunResult>
  readonly #client: ControlClient
  readonly #clock: Clock
  readonly #listeners = new Set<(run: RunView) => void>()
  readonly #stopped = new AbortController()
  #resolve!: (result: RunResult) => void
  #reject!: (error: unknown) => void
  #latest: RunView
  #heardAt: number

  constructor (client: ControlClient, clock: Clock, run: RunView) {
    this.#client = client
    this.#clock = clock
    this.#latest = run
    this.#heardAt = clock.now()
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Somebody may ask for the result only after it is known that there is none.
    this.result.catch(() => {})
    void this.#beat()
    void this.#listen()
  }

  follow (changed: (run: RunView) => void): () => void {
    changed(this.#latest)
    this.#listeners.add(changed)
    return () => { this.#listeners.delete(changed) }
  }

  async interrupt (reason: string): Promise<void> {
    try {
      await this.#client.abortRun(this.#latest.id, reason, 'interrupted')
    } catch (error) {
      // Without heartbeats the lease ends the run, even if nobody can be told.
      this.#lose(error)
    }
  }

  stop (): void {
    this.#stopped.abort()
  }

  // A sleep and not a timer: it also keeps this process alive when nothing else does.
  async #beat (): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await this.#clock.sleep(HEARTBEAT, signal).catch(() => {})
      await this.#ask(() => this.#client.heartbeat(this.#latest.id))
    }
  }

  // Events are for promptness only: heartbeats bring the same news, later.
  async #listen (): Promise<void> {
    const { id } = this.#latest
    try {
      for await (const event of this.#client.events({ signal: this.#stopped.signal })) {
        if (event.type.startsWith('run.') && event.data.run === id) await this.#ask(() => this.#client.run(id))
      }
    } catch {
      // The stream broke.
    }
  }

  async #ask (question: () => Promise<RunView>): Promise<void> {
    if (this.#stopped.signal.aborted) return
    try {
      this.#take(await question())
    } catch (error) {
      const unreachable = error instanceof PremortemError && error.code === 'PMT_ERR_CONTROL_UNREACHABLE'
      // While the lease lasts the run may still be there.
      if (unreachable && this.#clock.now() - this.#heardAt < LEASE) return
      this.#lose(error)
    }
  }

  // One that does not know the run is not the one that began it: it was started anew.
  #lose (error: unknown): void {
    const lost = error instanceof PremortemError && (error.code === 'PMT_ERR_CONTROL_UNREACHABLE' || error.code === 'PMT_ERR_RUN_NOT_FOUND')
    this.stop()
    this.#reject(lost ? new PremortemError('PMT_ERR_RUN_LOST', { message: `the run ${this.#latest.id} was lost: ${error.message}`, found: this.#client.url, cause: error }) : error)
  }

  #take (run: RunView): void {
    this.#heardAt = this.#clock.now()
    // Answers may overtake each other.
    if (this.#latest.state === 'ended') return
    this.#latest = run
    for (const listener of this.#listeners) listener(run)
    if (run.state !== 'ended' || run.result === null) return
    this.stop()
    this.#resolve(run.result)
  }
}
