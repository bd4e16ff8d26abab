import type { Peer } from './peers.ts'
import type { Load, Running } from './process.ts'

/** What one load on one contender came to. `rate` in units a second, where it says something. */
export interface Measured { figure: number, errors: number, rate?: number }

/** Loads what listens on a port, and reads what it took. */
export type Measure = (port: number, cpu: () => number) => Measured | Promise<Measured>

/** A contender's figures, one a round. */
export interface Row { name: string, figures: number[], rates: number[], errors: number }

/** CPU time of the proxy for each request that a load made, in microseconds, and how many it made a second. */
export function perRequest (load: (port: number) => Load): Measure {
  return (port, cpu) => {
    const before = cpu()
    const { requests, seconds, errors } = load(port)
    return { figure: (cpu() - before) * 1e6 / requests, rate: requests / seconds, errors }
  }
}

/** The same for a load that says when it has warmed up: what was before that does not count. */
export function perWarmRequest (load: (port: number, warm: () => void) => Promise<Load>): Measure {
  return async (port, cpu) => {
    let before = 0
    const { requests, seconds, errors } = await load(port, () => { before = cpu() })
    return { figure: (cpu() - before) * 1e6 / requests, rate: requests / seconds, errors }
  }
}

/** One figure a round of each contender; all run side by side the whole time, one is loaded at a time. */
export async function compare (contenders: Peer[], upstream: number, rounds: number, measure: Measure): Promise<Row[]> {
  const running: Running[] = []
  const rows: Row[] = contenders.map(({ name }) => ({ name, figures: [], rates: [], errors: 0 }))
  try {
    for (const contender of contenders) running.push(await contender.start(upstream))
    // The first round warms up caches and compilers, and is thrown away.
    for (let round = 0; round <= rounds; round++) {
      for (const [i, contender] of running.entries()) {
        const { figure, errors, rate } = await measure(contender.port, contender.cpu)
        if (round > 0) rows[i]!.figures.push(figure)
        if (round > 0 && rate !== undefined) rows[i]!.rates.push(rate)
        rows[i]!.errors += errors
      }
    }
  } finally {
    await Promise.all(running.map((contender) => contender.stop()))
  }
  return rows
}

const median = (figures: number[]): number => [...figures].sort((a, b) => a - b)[figures.length >> 1]!

// Ratios are taken round by round, so that a change of the machine's pace cancels out.
function ratio (row: Row, base: Row): number {
  return median(row.figures.map((figure, i) => figure / base.figures[i]!))
}

/** A table of medians, and of ratios to those of the `bases` that are in it. `rate` names what there are so many of a second. */
export function print (title: string, unit: string, rows: Row[], bases: string[], rate?: string): void {
  process.stdout.write(`\n${title}\n`)
  const found = bases.map((name) => rows.find((row) => row.name === name)).filter((row) => row !== undefined)
  const header = ['', unit, ...found.map((base) => `vs ${base.name}`), ...rate === undefined ? [] : [`${rate}/s`], 'errors']
  const table = [header, ...rows.map((row) => [
    row.name,
    median(row.figures).toFixed(1),
    ...found.map((base) => `${ratio(row, base).toFixed(2)}x`),
    ...rate === undefined ? [] : [median(row.rates).toFixed(0)],
    String(row.errors)
  ])]
  const widths = header.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  for (const line of table) {
    const cells = line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
    process.stdout.write(`  ${cells.join('  ')}\n`)
  }
}
