import { inspect } from 'node:util'
import { ALERTS } from '../../src/faults/alerts.ts'
import type { CertificateFlaw } from '../../src/faults/certificate.ts'
import type { HttpAction, StreamAction, StreamBehaviour, TlsAction } from '../../src/faults/fault.ts'
import { TLS_VERSIONS } from '../../src/faults/handshake.ts'
import { HeadersSchema } from '../../src/faults/header.ts'
import { decode } from '../../src/kernel/schema.ts'
import { requestHead } from './heads.ts'

const MOST_PIECES = 4096
const EDITED = [Buffer.from('{"a":{"b":[1,2]}}'), Buffer.from('<html>'), Buffer.alloc(0)]
const Headers = HeadersSchema({ description: '' })

function demand (holds: boolean, action: object): void {
  if (!holds) throw new Error(`not well-formed: ${inspect(action)}`)
}

const wait = (ms: number): boolean => ms >= 0

const isStatus = (status: number): boolean => Number.isInteger(status) && status >= 200 && status <= 599

/** Throws unless an interpreter could carry this action out on a chunk of `length` bytes, without harm to memory. */
export function checkStreamAction (action: StreamAction, length: number): void {
  switch (action.do) {
    case 'pass': return
    case 'delay': case 'hold': case 'drop': case 'close': case 'reset': return demand(wait(action.ms), action)
    case 'abandon': return demand(wait(action.ms) && ['client', 'node'].includes(action.keep), action)
    case 'pace': return demand(action.rate > 0 && action.rate < Infinity, action)
    case 'split':
      demand(wait(action.gap) && action.sizes.length <= MOST_PIECES, action)
      demand(action.sizes.every((size) => Number.isInteger(size) && size > 0), action)
      return demand(action.sizes.reduce((a, b) => a + b, 0) === length, action)
    case 'replace': return demand(action.bytes.length === length, action)
    case 'cut': return demand(Number.isInteger(action.bytes) && action.bytes >= 0 && action.bytes <= length, action)
    default: demand(false, action)
  }
}

/** Asks a stream behaviour everything there is, and checks what it answers. */
export function checkStreamBehaviour (behaviour: StreamBehaviour): void {
  for (const elapsed of [0, 1.5, 86_400_000, 1e15]) {
    for (const age of [0, 12.5, 1e15]) checkStreamAction(behaviour.open?.(age, elapsed) ?? { do: 'pass' }, 0)
    checkStreamAction(behaviour.dial?.(elapsed) ?? { do: 'pass' }, 0)
    for (const length of [0, 1, 65_536]) checkStreamAction(behaviour.chunk?.(new Uint8Array(length), elapsed) ?? { do: 'pass' }, length)
    checkStreamAction(behaviour.end?.(elapsed) ?? { do: 'pass' }, 0)
  }
  checkStreamAction(behaviour.gone?.(0) ?? { do: 'pass' }, 0)
}

/** The same for an action on an exchange. */
export function checkHttpAction (action: HttpAction): void {
  switch (action.do) {
    case 'pass': case 'hang': case 'last': return
    case 'unfit': return demand(action.why !== '', action)
    case 'delay': return demand(wait(action.ms), action)
    case 'respond':
      decode(Headers, action.headers)
      return demand(isStatus(action.status) && typeof action.body === 'string', action)
    case 'raw': return demand(action.bytes.length > 0 && ['keep', 'close', 'reset'].includes(action.end), action)
    case 'abort': return demand(['reset', 'close'].includes(action.how) && ['now', 'mid-head', 'mid-body'].includes(action.when), action)
    case 'rewrite':
      decode(Headers, action.set)
      return demand(action.remove.every((name) => name === name.toLowerCase()), action)
    case 'body': return checkStreamBehaviour(action.behaviour)
    case 'edit':
      demand(action.limit > 0 && action.limit <= 1_048_576, action)
      for (const body of EDITED) {
        const edited = action.edit(body, requestHead())
        if (edited === null) continue
        decode(Headers, edited.set ?? {})
        demand(edited.body instanceof Uint8Array && (edited.remove ?? []).every((name) => name === name.toLowerCase()), edited)
      }
      return
    case 'record':
      action.keep(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), 200)
      return demand(action.limit > 0 && action.limit <= 1_048_576, action)
    case 'duplicate':
      return demand(Number.isInteger(action.copies) && action.copies > 0 && action.copies <= 100 && wait(action.ms), action)
    default: demand(false, action)
  }
}

/** The same for an action on a handshake. */
export function checkTlsAction (action: TlsAction): void {
  switch (action.do) {
    case 'pass': case 'hang': return
    case 'unfit': return demand(action.why !== '', action)
    case 'serve': return checkFlaw(action.flaw)
    case 'present': return action.flaw === null ? undefined : checkFlaw(action.flaw)
    case 'version': return demand(TLS_VERSIONS.includes(action.only), action)
    case 'client-certificate': return demand(['require', 'reject'].includes(action.how) && action.alert in ALERTS, action)
    case 'alert': return demand(action.alert in ALERTS, action)
    case 'reply': return demand(action.bytes.length > 0 && action.bytes.length <= 262_144, action)
    case 'end': return demand(['reset', 'close'].includes(action.how), action)
    case 'records': return checkStreamBehaviour(action.behaviour)
    default: demand(false, action)
  }
}

/** A certificate's dates must be such as X.509 can say, whenever it is made. */
function checkFlaw (flaw: CertificateFlaw): void {
  const span = 'ago' in flaw ? flaw.ago : 'in' in flaw ? flaw.in : 1000
  demand(span >= 1000 && span <= 3650 * 86_400_000, flaw)
}
