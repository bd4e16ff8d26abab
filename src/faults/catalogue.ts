import type { FaultType } from './fault.ts'
import { abort } from './http/abort.ts'
import { delay } from './http/delay.ts'
import { hang } from './http/hang.ts'
import { status } from './http/status.ts'
import { bandwidth } from './stream/bandwidth.ts'
import { latency } from './stream/latency.ts'
import { limitData } from './stream/limit-data.ts'
import { limitTime } from './stream/limit-time.ts'
import { refuse } from './stream/refuse.ts'
import { resetPeer } from './stream/reset-peer.ts'
import { slicer } from './stream/slicer.ts'
import { slowClose } from './stream/slow-close.ts'
import { timeout } from './stream/timeout.ts'

/** Every type of fault there is, in the order documents show them. The only list: everything else is derived from it. */
export const CATALOGUE = [
  latency, bandwidth, slicer, limitData, limitTime, slowClose, timeout, resetPeer, refuse,
  delay, status, abort, hang
] as unknown as readonly FaultType[]

/** The same by name. */
export const faultTypes: ReadonlyMap<string, FaultType> = new Map(CATALOGUE.map((type) => [type.type, type]))
