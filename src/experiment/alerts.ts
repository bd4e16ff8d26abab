import { PremortemError } from '../kernel/errors.ts'

/** An alert of the user's monitoring, and when it was received: monotonic milliseconds of this process. */
export interface ReceivedAlert { title: string, at: number }

/** What a webhook brought: the titles of alerts that fire, and how many others there were. */
export interface Alerts { firing: string[], others: number }

/** Words for an alert that is over, or not one yet. */
const OVER: readonly unknown[] = ['resolved', 'ok', 'normal', 'inactive', 'pending', 'recovered', 'closed']

const LONGEST = 200

/**
 * The alerts in the body of a webhook: Alertmanager's (Grafana sends the same), each alert with a `status` of its own; or any
 * JSON object, which is one alert, with its `title` if it has one. Throws PMT_ERR_INVALID for anything else.
 */
export function readAlerts (body: unknown): Alerts {
  if (!isMapping(body)) throw new PremortemError('PMT_ERR_INVALID', { message: 'not an alert', path: '', found: body, wanted: 'a JSON object, such as Alertmanager\'s webhook or { "title": "HighErrorRate" }' })
  const list = Array.isArray(body.alerts) ? body.alerts.filter(isMapping) : [body]
  const firing = list.filter(({ status, state }) => !isOver(status ?? body.status) && !isOver(state ?? body.state))
  return { firing: firing.map(titleOf), others: list.length - firing.length }
}

const isOver = (word: unknown): boolean => OVER.includes(typeof word === 'string' ? word.toLowerCase() : word)

function titleOf (alert: Record<string, unknown>): string {
  const labels = isMapping(alert.labels) ? alert.labels : {}
  const annotations = isMapping(alert.annotations) ? alert.annotations : {}
  const found = [alert.title, labels.alertname, annotations.summary, alert.name, alert.message].find((text) => typeof text === 'string' && text.trim() !== '')
  return (found as string | undefined)?.trim().slice(0, LONGEST) ?? 'an alert without a title'
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
