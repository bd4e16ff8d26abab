import type { TSchema } from 'typebox'
import { ByteRate, Duration, LongDuration, Share, Size, decode, describe } from '../../kernel/schema.ts'
import { formatDuration, formatShare, formatSize } from '../../kernel/units.ts'

/** What a number of a parameter is. */
export type Unit = 'duration' | 'share' | 'size' | 'rate' | 'number'

const UNITS: readonly (readonly [TSchema, Unit])[] = [
  [Duration(), 'duration'], [LongDuration(), 'duration'], [Share(), 'share'], [Size(), 'size'], [ByteRate(), 'rate']
]

/** What the numbers of a parameter with this schema are. */
export function unitOf (schema: TSchema): Unit {
  return UNITS.find(([unit]) => describe(unit) === describe(schema))?.[1] ?? 'number'
}

/**
 * A parameter's value in milliseconds, bytes, bytes a second or as a fraction; null if it is no number. Throws
 * PMT_ERR_INVALID.
 */
export function numberOf (schema: TSchema, written: unknown, path: string): number | null {
  const value: unknown = decode(schema, written, path)
  return typeof value === 'number' ? value : null
}

/** A parameter's value as people write it. */
export function showValue (value: number, unit: Unit): string {
  switch (unit) {
    // Exactly: what is shown is what was tried.
    case 'duration': return value < 1000 ? `${value}ms` : formatDuration(value)
    case 'share': return formatShare(value)
    case 'size': return formatSize(value)
    case 'rate': return `${formatSize(value)}/s`
    case 'number': return String(value)
  }
}
