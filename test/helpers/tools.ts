import { spawnSync } from 'node:child_process'
import type { Test } from 'tap'

/**
 * Whether every program named is on this machine. If not, the test is skipped where people see it; in CI, which
 * installs them all, that is a failure.
 */
export function hasTools (t: Test, ...programs: string[]): boolean {
  const path = `${process.env.PATH}:/usr/sbin`
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`], { env: { PATH: path } }).status !== 0)
  if (missing.length === 0) return true
  const why = `not installed: ${missing.join(', ')}`
  if (process.env.CI === 'true') t.fail(why)
  else t.pass(why, { skip: why })
  return false
}
