import { PremortemError } from './errors.ts'

/** Where a service stands. Only ever moves to the right. */
export type State = 'idle' | 'starting' | 'running' | 'draining' | 'stopped'

/** What bounds a drain: milliseconds to wait for work in hand, and a signal that ends the wait at once. */
export interface DrainOptions { deadline?: number, signal?: AbortSignal }

/** Everything in premortem that starts and ends. Every verb is idempotent; late callers join the pending one. */
export interface Service extends AsyncDisposable {
  readonly state: State
  /** Resolves when the service does its work. */
  start (): Promise<void>
  /** Takes nothing new, waits for what is in hand until the deadline, then stops. */
  drain (options?: DrainOptions): Promise<void>
  /** Cuts what is in hand. */
  stop (): Promise<void>
}

/** The verbs a service is made of; `createLifecycle` adds order and idempotence. */
export interface Verbs {
  start?: () => Promise<void> | void
  drain?: (options: Required<Pick<DrainOptions, 'deadline'>> & DrainOptions) => Promise<void> | void
  stop?: () => Promise<void> | void
}

/** How long `drain` waits when nobody says otherwise, in milliseconds. */
export const DRAIN_DEADLINE = 5000

/** A `Service` from its verbs. A start that fails stops what it had begun, then throws its error. */
export function createLifecycle (name: string, verbs: Verbs): Service {
  let state: State = 'idle'
  let starting: Promise<void> | undefined
  let begun: Promise<void> | undefined
  let draining: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  const service: Service = {
    get state () { return state },
    start () {
      if (state === 'draining' || state === 'stopped') {
        return Promise.reject(new PremortemError('PMT_ERR_STATE', { message: `${name} is ${state} and cannot start again` }))
      }
      starting ??= (async () => {
        state = 'starting'
        begun = (async () => verbs.start?.())()
        try {
          await begun
        } catch (error) {
          await service.stop()
          throw error
        }
        if (state === 'starting') state = 'running'
      })()
      return starting
    },
    drain (options = {}) {
      draining ??= (async () => {
        if (state === 'running') {
          state = 'draining'
          try {
            await verbs.drain?.({ ...options, deadline: options.deadline ?? DRAIN_DEADLINE })
          } finally {
            await service.stop()
          }
        }
        await service.stop()
      })()
      return draining
    },
    stop () {
      stopping ??= (async () => {
        state = 'stopped'
        if (begun === undefined) return
        // A start in progress comes first: what it opened after the stop would stay open.
        await begun.catch(() => {})
        await verbs.stop?.()
      })()
      return stopping
    },
    [Symbol.asyncDispose]: () => service.stop()
  }
  return service
}
