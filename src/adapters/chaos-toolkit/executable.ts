import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The variables of the environment, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A path whose `~` at the start is the home directory. */
export function expandHome (path: string, env: Environment): string {
  return /^~(?=\/|$)/.test(path) && env.HOME !== undefined ? env.HOME + path.slice(1) : path
}

/**
 * Where a program is: by its path, or by its name in the directories of PATH. `missing` if there is no such file,
 * `forbidden` if it may not be executed.
 */
export function findExecutable (path: string, env: Environment): { file: string } | 'missing' | 'forbidden' {
  const expanded = expandHome(path, env)
  if (expanded.includes('/')) return isExecutable(expanded) ? { file: expanded } : existsSync(expanded) ? 'forbidden' : 'missing'
  const places = (env.PATH ?? '').split(delimiter).filter(Boolean).map((folder) => join(folder, expanded))
  const file = places.find(isExecutable)
  if (file !== undefined) return { file }
  return places.some((place) => existsSync(place)) ? 'forbidden' : 'missing'
}

function isExecutable (file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
