import type { RunResult } from '../experiment/result.ts'

/** How text may look. `width` is in columns; box drawing and other signs beyond ASCII only with `unicode`. */
export interface Look { color: boolean, width: number, unicode?: boolean }

/** Turns a run's result into text. Pure: the same result and look give the same text. */
export interface Renderer {
  /** What `--format` and `?format=` call it. */
  format: string
  contentType: string
  render (result: RunResult, look: Look): string
}
