import type { CounterSource } from '../experiment/sources.ts'
import type { Point } from './prometheus-query.ts'

/** The label that tells the two counters of one answer apart. */
const PART = 'premortem_part'

/**
 * Both counters in one query, so that both are of one moment. The line breaks keep a comment at the end of a query from
 * eating the bracket.
 */
export function counterQuery ({ part, total }: Pick<CounterSource, 'part' | 'total'>): string {
  const labelled = (query: string, name: string): string => `label_replace((\n${query}\n), "${PART}", "${name}", "", "")`
  return `${labelled(part, 'part')} or ${labelled(total, 'total')}`
}

/** What was counted since the reading before. */
export interface Counted { n: number, bad: number }

/**
 * What counters have counted between readings, series by series: one that starts again from 0 has counted what it shows
 * since. A series that was not there before has counted from 0.
 */
export class Counters {
  readonly #counts: 'good' | 'bad'
  readonly #last = new Map<string, number>()
  #begun = false

  /** `counts`: what the part of the total is. */
  constructor (counts: 'good' | 'bad') {
    this.#counts = counts
  }

  /**
   * null at the first reading, which is where counting begins. If nothing can be told, why in words, and whether the reading
   * before is still what counting goes on from.
   */
  read (points: readonly Point[]): Counted | { why: string, stays: boolean } | null {
    const found: Record<string, Point[]> = { part: [], total: [] }
    for (const point of points) found[point.labels[PART] ?? '']?.push(point)
    if (found.total!.length === 0) return { why: 'the query of `total` found nothing', stays: true }
    if (found.part!.length === 0) return { why: `the query of \`${this.#counts}\` found nothing`, stays: true }
    if (points.some(({ value }) => !Number.isFinite(value))) return { why: 'a counter is not a number', stays: true }
    const [total, part] = [this.#increase(found.total!), this.#increase(found.part!)]
    const first = !this.#begun
    this.#begun = true
    if (first) return null
    if (total === null || part === null) return { why: 'a sum of counters went down: one of them started again', stays: false }
    const n = Math.round(total)
    const counted = Math.round(part)
    if (counted > n) return { why: `more ${this.#counts} than in total`, stays: false }
    return { n, bad: this.#counts === 'bad' ? counted : n - counted }
  }

  /** null if a sum went down: what it lost and what it counted cannot be told apart. */
  #increase (points: readonly Point[]): number | null {
    let sum: number | null = 0
    for (const { labels, value } of points) {
      const key = JSON.stringify(Object.entries(labels).sort())
      const last = this.#last.get(key) ?? 0
      this.#last.set(key, value)
      // Only what a target exposes has a name; functions and sums have none.
      if (value < last && labels.__name__ === undefined) sum = null
      if (sum !== null) sum += value < last ? value : value - last
    }
    return sum
  }
}
