import { json } from './json.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import type { Renderer } from './renderer.ts'
import { terminal } from './terminal.ts'

/** Every way a run's result can be shown. The only list: a new renderer is its file, its test and a line here. */
export const RENDERERS = [terminal, json, junit, markdown] as const

/** What `--format` and `?format=` may say. */
export type ReportFormat = typeof RENDERERS[number]['format']

/** The formats, for schemas and help. */
export const REPORT_FORMATS: readonly ReportFormat[] = RENDERERS.map((renderer) => renderer.format)

/** The renderer of a format. */
export function rendererOf (format: ReportFormat): Renderer {
  return RENDERERS.find((renderer) => renderer.format === format)!
}
