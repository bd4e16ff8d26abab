import { PremortemError } from './errors.ts'

const TIME: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SIZE: Record<string, number> = {
  b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3
}

function refuse (what: string, found: unknown, wanted: string): never {
  throw new PremortemError('PMT_ERR_INVALID', { message: `not a ${what}`, found, wanted })
}

// NaN is what a text that did not match became.
const sound = (value: number): boolean => value >= 0 && value < Infinity

/** Milliseconds from `500ms`, `1m30s`, `0.5s` or a bare number of milliseconds. Throws PMT_ERR_INVALID. */
export function parseDuration (input: string | number): number {
  const wanted = 'a duration such as 500ms, 2s or 1m30s (a bare number is milliseconds)'
  const text = String(input).trim()
  let total = 0
  if (typeof input === 'number') total = input
  else if (/^\d+(\.\d+)?$/.test(text)) total = Number(text)
  else if (!/^(\d+(\.\d+)?(us|µs|ms|s|m|h|d))+$/.test(text)) return refuse('duration', input, wanted)
  else for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(us|µs|ms|s|m|h|d)/g)) total += Number(amount) * TIME[unit!]!
  return sound(total) ? total : refuse('duration', input, wanted)
}

/** The longest duration that is no slip of the unit, in milliseconds. */
const LONGEST = 7 * 86_400_000

/** The same, a week at most. Throws PMT_ERR_INVALID. */
export function shortDuration (input: string | number): number {
  const ms = parseDuration(input)
  return ms <= LONGEST ? ms : refuse('duration', input, 'a duration of 7d at most, such as 500ms or 2s (a bare number is milliseconds)')
}

/** Bytes from `64KB` (1000), `64KiB` (1024) or a bare number of bytes. Throws PMT_ERR_INVALID. */
export function parseSize (input: string | number): number {
  const wanted = 'a size such as 512B, 64KB or 1MiB (a bare number is bytes)'
  const found = /^(\d+(?:\.\d+)?)\s*([kmg]i?b|b)?$/i.exec(String(input).trim())
  const size = typeof input === 'number' ? input : Number(found?.[1]) * SIZE[(found?.[2] ?? 'b').toLowerCase()]!
  return sound(size) ? size : refuse('size', input, wanted)
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
  const rate = typeof input === 'number' ? input : Number(found?.[1]) * 1000 / TIME[found?.[2] ?? 's']!
  return sound(rate) ? rate : refuse('rate', input, wanted)
}

/** A fraction in [0, 1] from `20%` or `0.2`. Throws PMT_ERR_INVALID. */
export function parseShare (input: string | number): number {
  const wanted = 'a share such as 20% (a bare number is a fraction from 0 to 1)'
  const found = /^(\d+(?:\.\d+)?)(%)?$/.exec(String(input).trim())
  // The exponent, not a division: 99.9 / 100 is not the double nearest to 0.999.
  const share = typeof input === 'number' ? input : Number(`${found?.[1]}${found?.[2] === undefined ? '' : 'e-2'}`)
  return sound(share) && share <= 1 ? share : refuse('share', input, wanted)
}

const trim = (value: number, digits: number): string =>
  digits === 0 ? value.toFixed(0) : value.toFixed(digits).replace(/\.?0+$/, '')

/** Milliseconds as people write them, rounded to about three digits: `0.42ms`, `500ms`, `1.5s`, `2m5s`. Infinity is `never`. */
export function formatDuration (ms: number): string {
  if (ms === Infinity) return 'never'
  // The bounds are those of what is printed: 999.7 ms is 1s, not 1000ms.
  if (ms < 999.5) return `${trim(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0)}ms`
  if (ms < 119_995) return `${trim(ms / 1000, 2)}s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
}

/** Bytes as people write them, in powers of 1000, rounded to one decimal. */
export function formatSize (bytes: number): string {
  if (bytes < 999.95) return `${trim(bytes, 1)}B`
  if (bytes < 999_950) return `${trim(bytes / 1e3, 1)}KB`
  return bytes < 999_950_000 ? `${trim(bytes / 1e6, 1)}MB` : `${trim(bytes / 1e9, 1)}GB`
}

/** A fraction as a percentage with the digits it needs, three at most unless it would read 0% or 100% and is not: `99.95%`. */
export function formatShare (fraction: number): string {
  for (let digits = 3; ; digits++) {
    const shown = trim(fraction * 100, digits)
    const whole = shown === '100' || shown === '0'
    if (!whole || fraction <= 0 || fraction >= 1 || digits === 15) return `${shown}%`
  }
}

/** A count with its thousands set apart: `1,945`. */
export function formatCount (n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
}
