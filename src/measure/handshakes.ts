import type { ObservedHandshake } from './observation.ts'

/** How many handshakes came to the same. `result` is a `HandshakeResult`, `version` such as `TLSv1.3` or empty. */
export interface HandshakeCount { result: string, version: string, resumed: boolean, count: number }

/** Beyond so many kinds of handshakes the alerts are no longer told apart: their names may come from the peer. */
const KINDS = 200

/** Handshakes counted by what came of them, version and resumption. Bounded memory. */
export class HandshakeCounts {
  /** The counts themselves, in the order in which they first occurred. */
  readonly list: HandshakeCount[] = []
  readonly #kinds = new Map<string, HandshakeCount>()
  #n = 0

  /** All of them. */
  get n (): number { return this.#n }

  /** Counts one. */
  add ({ result, version, resumed }: Pick<ObservedHandshake, 'result' | 'version' | 'resumed'>): void {
    this.#n++
    let key = `${result} ${version} ${resumed}`
    let kind = this.#kinds.get(key)
    if (kind === undefined && this.#kinds.size >= KINDS) {
      const rest = result.includes(':') ? `${result.slice(0, result.indexOf(':'))}:other` : result
      key = `${rest} other ${resumed}`
      kind = this.#kinds.get(key) ?? this.#begin(key, { result: rest, version: 'other', resumed, count: 0 })
    }
    kind ??= this.#begin(key, { result, version, resumed, count: 0 })
    kind.count++
  }

  /** A copy of the counts. */
  read (): HandshakeCount[] {
    return this.list.map((kind) => ({ ...kind }))
  }

  #begin (key: string, kind: HandshakeCount): HandshakeCount {
    this.#kinds.set(key, kind)
    this.list.push(kind)
    return kind
  }
}

/** Handshakes summed by what came of them, the most frequent first. */
export function byResult (counts: readonly HandshakeCount[]): [result: string, count: number][] {
  const sums = new Map<string, number>()
  for (const { result, count } of counts) sums.set(result, (sums.get(result) ?? 0) + count)
  return [...sums].sort((a, b) => b[1] - a[1])
}

/** How many of them were resumed sessions. */
export function resumedOf (counts: readonly HandshakeCount[]): number {
  return counts.reduce((sum, { resumed, count }) => resumed ? sum + count : sum, 0)
}
