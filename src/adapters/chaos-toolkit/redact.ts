import { isObject } from './python.ts'
import type { Json } from './types.ts'

/** What stands where a secret was. */
export const REDACTED = '***'

/** A shorter secret is hidden only where it is all there is: `1` would be in every number. */
const SHORTEST_PART = 4

/** Takes secrets out of a value. */
export type Redact = <T extends Json>(value: T) => T

/**
 * A function that takes these texts out of whatever it is given, at any depth, in keys too, and as they are in a URL, in a form
 * or in Base64.
 */
export function createRedactor (secrets: readonly string[]): Redact {
  const whole = new Set(secrets)
  const shapes = new Set(secrets.filter((secret) => secret.length >= SHORTEST_PART).flatMap(shapesOf))
  // The longest first: one secret may be part of another.
  const parts = [...shapes].sort((a, b) => b.length - a.length)
  const text = (value: string): string =>
    whole.has(value) ? REDACTED : parts.reduce((left, part) => left.replaceAll(part, REDACTED), value)
  const redact = (value: Json): Json => {
    if (typeof value === 'string') return text(value)
    if (typeof value === 'number') return whole.has(String(value)) && String(value).length >= SHORTEST_PART ? REDACTED : value
    if (Array.isArray(value)) return value.map(redact)
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), redact(item)]))
    return value
  }
  return redact as Redact
}

function shapesOf (secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1)
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, escaped, encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2), base64]
}
