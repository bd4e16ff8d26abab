/** The part of a request, connection or handshake that keys are read from. */
export interface Subject {
  readonly client: string
  readonly sni?: string | undefined
  header? (name: string): string | undefined
}

/** The key of a subject, or undefined if it has none. */
export type KeyOf = (subject: Subject) => string | undefined

/** What keys are read from, as people write it. */
export const BY_PATTERN = "^(client|sni|trace|(header|cookie):[!#$%&'*+.^_`|~0-9A-Za-z-]+)$"

/**
 * Reads keys by `client`, `sni`, `trace`, `header:NAME` or `cookie:NAME`. An empty value is no key: all who have it are no
 * user. A trace is that of the header `traceparent` (W3C Trace Context), the same at every service that a request comes to.
 */
export function compileBy (by: string): KeyOf {
  const [kind, name = ''] = by.split(/:(.*)/s)
  switch (kind) {
    case 'header': {
      const key = name.toLowerCase()
      return (subject) => subject.header?.(key) || undefined
    }
    case 'cookie': return (subject) => cookie(subject.header?.('cookie') ?? '', name) || undefined
    case 'trace': return (subject) => /^[\da-f]{2}-([\da-f]{32})-/.exec(subject.header?.('traceparent') ?? '')?.[1]
    case 'sni': return (subject) => subject.sni
    default: return (subject) => subject.client
  }
}

// RFC 6265, 4.2.1: pairs set apart by `; `, the value perhaps in quotes.
function cookie (field: string, name: string): string | undefined {
  for (const pair of field.split(/[;,]/)) {
    const split = pair.indexOf('=')
    if (split !== -1 && pair.slice(0, split).trim() === name) return pair.slice(split + 1).trim().replace(/^"(.*)"$/, '$1')
  }
  return undefined
}
