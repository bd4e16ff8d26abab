import type { Test } from 'tap'

/** Asserts that a figure is within `tolerance` of a published one. */
export function near (t: Test, found: number, wanted: number, tolerance: number): void {
  t.ok(Math.abs(found - wanted) <= tolerance, `${found} is within ${tolerance} of ${wanted}`)
}
