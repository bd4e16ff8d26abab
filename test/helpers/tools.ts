import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

/**
 * Whether every program named is on this machine. If not, the test is skipped where people see it; in CI, which
 * installs them all, that is a failure.
 */
export function hasTools (t: Test, ...programs: string[]): boolean {
  const path = `${process.env.PATH}:/usr/sbin`
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`], { env: { PATH: path } }).status !== 0)
  if (missing.length === 0) return true
  lacks(t, `not installed: ${missing.join(', ')}`)
  return false
}

/** The folder of vitest, which is no dependency of ours: `PREMORTEM_VITEST` names it, as .ci/run does. undefined like above. */
export function vitestFolder (t: Test): string | undefined {
  const folder = process.env.PREMORTEM_VITEST
  if (folder !== undefined && existsSync(join(folder, 'vitest.mjs'))) return folder
  lacks(t, 'not installed: vitest, in the folder that PREMORTEM_VITEST names')
  return undefined
}

function lacks (t: Test, why: string): void {
  if (process.env.CI === 'true') t.fail(why)
  else t.pass(why, { skip: why })
}
