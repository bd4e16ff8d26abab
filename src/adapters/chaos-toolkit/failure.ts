/** Why an activity failed, in the Chaos Toolkit's words where it has some. */
export class ActivityFailed extends Error {
  override name = 'ActivityFailed'
}

/** Where a run ends as the Chaos Toolkit would end: with a stack trace and without a journal. Only under its compatibility. */
export class ChaosCrash extends Error {
  override name = 'ChaosCrash'
}

/** Why a run is ended early, and whether that leaves rollbacks to the strategy. The reason of an aborted signal. */
export class Interruption {
  readonly reason: string
  readonly by: 'signal' | 'safeguard'
  readonly rollbacks: boolean

  constructor (reason: string, { by = 'signal', rollbacks = true }: { by?: 'signal' | 'safeguard', rollbacks?: boolean } = {}) {
    this.reason = reason
    this.by = by
    this.rollbacks = rollbacks
  }
}
