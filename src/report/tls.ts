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
    ...survival === null || seen.length === 0 ? [] : [''],
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
  return [
    ...wrap(plain(sentence), look.width - 2).map((line) => INDENT + line),
    ...columns(rows, look, { right: [1, 2, 3], indent: INDENT })
  ]
}

function handshakeLines (at: string, phases: TlsFinding['phases'], look: Look): string[] {
  const rows = phases.map(({ name, handshakes: { n, counts } }) => {
    const established = counts.filter(({ result }) => result === 'established')
    const good = established.reduce((sum, { count }) => sum + count, 0)
    return [name, ...[n, good, resumedOf(established), n - good].map(formatCount)]
  })
  return [
    ...columns([[`handshakes at ${plain(at)}`, 'n', 'established', 'resumed', 'failed'], ...rows], look, { right: [1, 2, 3, 4], indent: INDENT }),
    ...phases.flatMap(({ name, handshakes }) => failureLines(name, handshakes, look))
  ]
}

/** How many ways to fail are told of a phase. */
const TOLD = 6

/** How handshakes failed, the most frequent way first. */
function failureLines (name: string, { unfinished, counts }: HandshakeReading, look: Look): string[] {
  const failed = byResult(counts).filter(([result]) => result !== 'established')
  const ways = [...failed, ...unfinished === 0 ? [] : [['unfinished', unfinished] as const]]
  if (ways.length === 0) return []
  const told = ways.slice(0, TOLD).map(([result, count]) => `${plain(result)} ${formatCount(count)}`)
  const text = `failed in the ${name} phase: ${told.join(', ')}${ways.length > TOLD ? ', ...' : ''}`
  return wrap(text, look.width - 2, INDENT).map((line) => INDENT + line)
}
