import { json } from './json.ts'
import type { Renderer } from './renderer.ts'
import { terminal } from './terminal.ts'

/** Every way a run's result can be shown. The only list: a new renderer is its file, its test and a line here. */
export const RENDERERS: readonly Renderer[] = [terminal, json]

/** The renderer of a format; undefined if there is none. */
export function rendererOf (format: string): Renderer | undefined {
  return RENDERERS.find((renderer) => renderer.format === format)
}
