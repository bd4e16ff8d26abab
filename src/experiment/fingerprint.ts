import { createHash } from 'node:crypto'

/** SHA-256, in hex, of a plain value whatever the order of its keys: the same document always has the same. */
export function fingerprint (value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

function canonical (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => a < b ? -1 : 1)
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
