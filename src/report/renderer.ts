import type { RunResult } from '../experiment/result.ts'

/** How text may look. `width` is in columns; box drawing and other signs beyond ASCII only with `unicode`. */
export interface Look { color: boolean, width: number, unicode?: boolean }

/** A run without a result, and why there is none. `id` is null if it never began. */
export interface Broken { id: string | null, title: string, startedAt: string, why: string }

/** Turns a run's result into text. Pure: the same result and look give the same text. */
export interface Renderer {
  /** What `--format` and `?format=` call it. */
  format: string
  contentType: string
  render (result: RunResult, look: Look): string
  /** What to say in this format of a run without a result, if the format has a way to. */
  broken? (run: Broken): string
}
