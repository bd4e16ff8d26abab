import { ALERTS } from '../../faults/alerts.ts'
import type { AlertName } from '../../faults/alerts.ts'

/** A fatal alert as it stands on the wire before any key is agreed on (RFC 8446, 6). */
export function alertRecord (alert: AlertName): Buffer {
  return Buffer.from([21, 3, 3, 0, 2, 2, ALERTS[alert]])
}
