import type { RunResult } from '../experiment/result.ts'
import type { Renderer } from './renderer.ts'

/** The result as it is, indented; ends with a line break. */
export function renderJson (result: RunResult): string {
  return `${JSON.stringify(result, null, 2)}\n`
}

/** For machines. */
export const json = {
  format: 'json',
  contentType: 'application/json; charset=utf-8',
  render: renderJson
} as const satisfies Renderer
