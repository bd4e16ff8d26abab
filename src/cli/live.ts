import type { RunView } from '../experiment/runs.ts'
import { formatDuration } from '../kernel/units.ts'
import { parseObjectiveOn, subjectOf } from '../measure/objective.ts'
import { paint, percent } from '../report/layout.ts'
import type { Look } from '../report/renderer.ts'
import type { Context, Output } from './command.ts'

/** How long each phase lasts, in milliseconds. */
export type PhaseLengths = Readonly<Record<string, number>>

type Style = Parameters<typeof paint>[1]

const BAR = 10

/** A run in progress as one line: phase, progress, time left, rate, and the live value of each objective. */
export function liveLine (run: RunView, lengths: PhaseLengths, wall: number, look: Look): string {
  const parts: [string, Style?][] = [[(run.phase ?? 'starting').padEnd(9), 'bold']]
  const length = run.phase === null ? undefined : lengths[run.phase]
  if (run.phaseEndsAt !== null && length !== undefined && length > 0) {
    // The other end's clock may differ from ours.
    const left = Math.min(length, Math.max(0, Date.parse(run.phaseEndsAt) - wall))
    const done = Math.round(BAR * (1 - left / length))
    const [full, empty] = look.unicode === true ? ['█', '░'] : ['#', '.']
    parts.push([`${full.repeat(done)}${empty.repeat(BAR - done)}`, 'cyan'])
    parts.push([`${left === 0 ? '0s' : formatDuration(Math.ceil(left / 1000) * 1000)} left`.padEnd(10)])
  }
  if (run.live !== null) {
    const { rate, handshakes, objectives } = run.live
    parts.push([`${rate.toFixed(1)}/s`])
    if (handshakes !== null) parts.push([`${handshakes.rate.toFixed(1)} handshakes/s`])
    for (const { objective, n, good } of objectives) {
      const parsed = parseObjectiveOn(objective, 'any')
      if (n === 0) parts.push([`${objective}: no ${subjectOf(parsed) === 'requests' ? 'traffic' : subjectOf(parsed)}`, 'yellow'])
      else {
        const holds = good >= parsed.target
        parts.push([`${objective}: ${percent(good)}${holds ? '' : ' !'}`, holds ? 'green' : 'red'])
      }
    }
  }
  let room = look.width - 1
  return parts.flatMap(([text, style], i) => {
    const cut = `${i === 0 ? '' : '  '}${text}`.slice(0, Math.max(0, room))
    room -= cut.length
    return cut === '' ? [] : [style === undefined ? cut : paint(look, style, cut)]
  }).join('')
}

/** One line of a terminal, drawn over again. */
export class LiveLine {
  readonly #output: Output
  #shown = ''

  constructor (output: Output) {
    this.#output = output
  }

  draw (line: string): void {
    if (line === this.#shown) return
    this.#output.write(`\r\x1b[2K${line}`)
    this.#shown = line
  }

  clear (): void {
    if (this.#shown === '') return
    this.#output.write('\r\x1b[2K')
    this.#shown = ''
  }
}

/** How often the line is drawn, in milliseconds. */
const REDRAW = 250

/**
 * Keeps a live line up to date until the returned function is called, which clears it. Only where both outputs are a
 * terminal, and nobody asked for plain data.
 */
export function showLive (context: Context, read: () => RunView | undefined, lengths: PhaseLengths): () => void {
  const { json, stdout, stderr, look, clock } = context
  if (json || stdout.isTTY !== true || stderr.isTTY !== true) return () => {}
  const line = new LiveLine(stderr)
  const draw = (): void => {
    const run = read()
    if (run?.state === 'running') line.draw(liveLine(run, lengths, clock.wall(), { ...look, width: stderr.columns ?? look.width }))
  }
  draw()
  const stop = clock.every(REDRAW, draw)
  return () => {
    stop()
    line.clear()
  }
}
