import type { Objective } from '../../measure/objective.ts'
import type { PhaseReading } from '../../measure/watch.ts'
import type { Count } from '../../measure/statistics/effective-size.ts'

/**
 * The seconds of a phase that are over for an objective, from the first, without gaps. `ended` counts what has ended,
 * `all` also what was open a moment later, as bad. For a latency objective a second is over once whatever of it is still
 * open is slower than the threshold; for the others once all of it has ended, or is older than `patience`. Milliseconds.
 */
export function secondsOver (
  objective: Objective, i: number, { ended, all }: { ended: PhaseReading, all: PhaseReading }, elapsed: number, patience: number
): Count[] {
  const of = ({ bins }: PhaseReading): Map<number, Count> =>
    new Map(bins.map(({ second, of, bad }) => [second, { n: of[i]!, bad: bad[i]! }]))
  const [whole, closed] = [of(all), of(ended)]
  const seconds: Count[] = []
  for (let second = 0; (second + 1) * 1000 <= elapsed; second++) {
    const { n, bad } = whole.get(second) ?? { n: 0, bad: 0 }
    const age = elapsed - (second + 1) * 1000
    const isOver = objective.kind === 'latency' ? age >= objective.threshold : age >= patience || n === (closed.get(second)?.n ?? 0)
    if (!isOver) break
    seconds.push({ n, bad })
  }
  return seconds
}
