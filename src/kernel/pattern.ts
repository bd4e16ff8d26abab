import { setFlagsFromString } from 'node:v8'
import { PremortemError } from './errors.ts'

/** Whether a text fits. */
export interface Pattern { test (text: string): boolean }

/** A regular expression between slashes: `/^\/users\/\d+$/`, `/…/i`. Only with a sign that no path has is it one. */
const EXPRESSION = /^\/(.*[\\^$()[\]{}|].*)\/(i?)$/s

/**
 * What a person wrote to match a text: a glob, in which `*` is anything but a slash and `**` anything, or a regular
 * expression between slashes that has one of `\ ^ $ ( ) [ ] { } |` in it. Throws PMT_ERR_INVALID for one that is none.
 */
export function compilePattern (written: string): Pattern {
  const found = EXPRESSION.exec(written)
  return found === null ? compileGlob(written) : compileExpression(found[1]!, found[2]!)
}

let linear = false

function compileExpression (source: string, flags: string): Pattern {
  // A client chooses the text: with this, V8 goes over to an engine that takes linear time when backtracking explodes.
  if (!linear) setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  linear = true
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: `not a regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`, found: `/${source}/${flags}`, wanted: 'a regular expression between slashes, or a glob'
    })
  }
}

/** `*` matches anything but a slash, `**` (or more) anything; every other character stands for itself. */
function compileGlob (glob: string): Pattern {
  const parts = glob.match(/\*+|[^*]+/g) ?? []
  if (parts.filter((part) => part.startsWith('*')).length > 1) return { test: (text) => walk(parts, text) }
  const source = parts.map((part) =>
    part === '*' ? '[^/]*' : part.startsWith('*') ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${source.join('')}$`, 's')
}

/**
 * The same for several stars, in time that grows with text times pattern: a regular expression tries every way to share
 * the text among its stars, and a client could make that take minutes. Goes part by part, with all places in the text
 * that the parts so far can reach.
 */
function walk (parts: readonly string[], text: string): boolean {
  let places = new Set([0])
  for (const part of parts) {
    const next = new Set<number>()
    if (part.startsWith('*')) {
      // Beyond the first place, `**` reaches everything; `*` everything up to a slash.
      let open = false
      for (let i = 0; i <= text.length; i++) {
        open ||= places.has(i)
        if (!open) continue
        next.add(i)
        if (part === '*' && text[i] === '/') open = false
      }
    } else {
      for (const place of places) if (text.startsWith(part, place)) next.add(place + part.length)
    }
    if (next.size === 0) return false
    places = next
  }
  return places.has(text.length)
}
