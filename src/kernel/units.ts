import { PremortemError } from './errors.ts'

const TIME: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SIZE: Record<string, number> = {
  b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3
}

function refuse (what: string, found: unknown, wanted: string): never {
  throw new PremortemError('PMT_ERR_INVALID', { message: `not a ${what}`, found, wanted })
}

/** Milliseconds from `500ms`, `1m30s`, `0.5s` or a bare number of milliseconds. Throws PMT_ERR_INVALID. */
export function parseDuration (input: string | number): number {
  const wanted = 'a duration such as 500ms, 2s or 1m30s (a bare number is milliseconds)'
  if (typeof input === 'number') return input >= 0 && Number.isFinite(input) ? input : refuse('duration', input, wanted)
  const text = input.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  if (!/^(\d+(\.\d+)?(us|µs|ms|s|m|h|d))+$/.test(text)) return refuse('duration', input, wanted)
  let total = 0
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(us|µs|ms|s|m|h|d)/g)) total += Number(amount) * TIME[unit!]!
  return total
}

/** Bytes from `64KB` (1000), `64KiB` (1024) or a bare number of bytes. Throws PMT_ERR_INVALID. */
export function parseSize (input: string | number): number {
  const wanted = 'a size such as 512B, 64KB or 1MiB (a bare number is bytes)'
  if (typeof input === 'number') return input >= 0 && Number.isFinite(input) ? input : refuse('size', input, wanted)
  const found = /^(\d+(?:\.\d+)?)\s*([kmg]i?b|b)?$/i.exec(input.trim())
  if (found === null) return refuse('size', input, wanted)
  return Number(found[1]) * SIZE[(found[2] ?? 'b').toLowerCase()]!
}

/** Bytes a second from `64KB/s` or a bare number. Throws PMT_ERR_INVALID. */
export function parseByteRate (input: string | number): number {
  const wanted = 'a rate such as 64KB/s (a bare number is bytes a second)'
  const per = typeof input === 'number' ? input : /^([^/]+?)(?:\/s)?$/.exec(input.trim())?.[1]
  try {
    return parseSize(per ?? '')
  } catch {
    return refuse('rate', input, wanted)
  }
}

/** Events a second from `50/s`, `600/m` or a bare number. Throws PMT_ERR_INVALID. */
export function parseFrequency (input: string | number): number {
  const wanted = 'a rate such as 50/s or 600/m (a bare number is a second)'
  const found = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(String(input).trim())
  if (found === null) return refuse('rate', input, wanted)
  return Number(found[1]) * 1000 / TIME[found[2] ?? 's']!
}

/** A fraction in [0, 1] from `20%` or `0.2`. Throws PMT_ERR_INVALID. */
export function parseShare (input: string | number): number {
  const wanted = 'a share such as 20% (a bare number is a fraction from 0 to 1)'
  const found = /^(\d+(?:\.\d+)?)(%)?$/.exec(String(input).trim())
  if (found === null) return refuse('share', input, wanted)
  // Dividing, not multiplying by 0.01: 99.9 / 100 is the double nearest to 0.999.
  const share = found[2] === undefined ? Number(found[1]) : Number(found[1]) / 100
  return share <= 1 ? share : refuse('share', input, wanted)
}

const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)))

/** Milliseconds as people write them: `0.42ms`, `500ms`, `1.5s`, `2m`. */
export function formatDuration (ms: number): string {
  if (ms === Infinity) return 'never'
  if (ms < 10) return `${trim(ms, 2)}ms`
  if (ms < 1000) return `${trim(ms, ms < 100 ? 1 : 0)}ms`
  if (ms < 120_000) return `${trim(ms / 1000, 2)}s`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.round((ms - minutes * 60_000) / 1000)
  return seconds === 0 ? `${minutes}m` : `${minutes}m${seconds}s`
}

/** Bytes as people write them, in powers of 1000. */
export function formatSize (bytes: number): string {
  if (bytes < 1000) return `${bytes}B`
  const step = bytes < 1e6 ? 1e3 : bytes < 1e9 ? 1e6 : 1e9
  return `${trim(bytes / step, 1)}${step === 1e3 ? 'KB' : step === 1e6 ? 'MB' : 'GB'}`
}

/** A fraction as a percentage with the digits it needs: `99.95%`. */
export function formatShare (fraction: number): string {
  return `${trim(fraction * 100, 3)}%`
}
