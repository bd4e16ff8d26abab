import type { Survival, TlsFinding } from '../experiment/result.ts'
import { formatCount, formatDuration } from '../kernel/units.ts'
import { byResult, resumedOf } from '../measure/handshakes.ts'
import type { HandshakeReading } from '../measure/watch.ts'
import { columns, percent, plain, wrap } from './layout.ts'
import type { Look } from './renderer.ts'

const INDENT = '  '

/** What a run found out about TLS at one proxy: in a sentence, then its figures. Empty if nothing was seen there. */
export function tlsLines ({ at, phases, survival }: TlsFinding, look: Look): string[] {
  const seen = phases.filter(({ handshakes }) => handshakes.n > 0)
  return [
    ...survival === null ? [] : survivalLines(survival, look),
    ...seen.length === 0 ? [] : handshakeLines(at, seen, look)
  ]
}

function survivalLines (survival: Survival, look: Look): string[] {
  const { from, subject, n, old, resumed, fresh, lastOld, lastResumed } = survival
  const sentence = `${survival.words.slice(0, 1).toUpperCase()}${survival.words.slice(1)}.`
  const row = (name: string, count: number, last: number | null): string[] =>
    [name, formatCount(count), percent(count / n), last === null ? '' : formatDuration(last)]
  const rows = [
    [`${subject} in the ${from} phase`, 'n', 'share', 'last after'],
    row('on connections opened before', old, lastOld),
    row('on resumed sessions', resumed, lastResumed),
    row('after a full handshake', fresh, null)
  ]
  return [...wrap(plain(sentence), look.width - 2).map((line) => INDENT + line), ...columns(rows, look, { right: [1, 2, 3], indent: INDENT })]
}

function handshakeLines (at: string, phases: TlsFinding['phases'], look: Look): string[] {
  const rows = phases.map(({ name, handshakes }) => {
    const established = handshakes.counts.filter(({ result }) => result === 'established')
    const good = established.reduce((sum, { count }) => sum + count, 0)
    return [name, formatCount(handshakes.n), formatCount(good), formatCount(resumedOf(established)), otherwise(handshakes)]
  })
  return columns([[`handshakes at ${plain(at)}`, 'n', 'established', 'resumed', 'otherwise'], ...rows], look, { right: [1, 2, 3], indent: INDENT })
}

/** What came of the others, the most frequent first. */
function otherwise ({ unfinished, counts }: HandshakeReading): string {
  const others = byResult(counts).filter(([result]) => result !== 'established')
  const shown = others.slice(0, 3).map(([result, count]) => `${plain(result)}: ${formatCount(count)}`)
  return [...shown, ...others.length > 3 ? ['...'] : [], ...unfinished === 0 ? [] : [`unfinished: ${formatCount(unfinished)}`]].join(', ')
}
