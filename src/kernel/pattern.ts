import { setFlagsFromString } from 'node:v8'
import { PremortemError } from './errors.ts'

/** Whether a text fits. */
export interface Pattern { test (text: string): boolean }

/** A regular expression between slashes: `/^\/users\/\d+$/`. Only with a sign that no path has is it one. */
const EXPRESSION = /^\/(.*[\\^$()[\]{}|].*)\/([dgimsuvy]*)$/s

/** Whether a text is a regular expression; otherwise it is a glob. */
export function isExpression (written: string): boolean {
  return EXPRESSION.test(written)
}

/**
 * What a person wrote to match a text: a glob, in which `*` is anything but a slash and `**` anything, or a regular
 * expression between slashes that has one of `\ ^ $ ( ) [ ] { } |` in it. Either takes time that grows with the text's
 * length and no faster. Throws PMT_ERR_INVALID for an expression that is none, or cannot be matched in such time.
 */
export function compilePattern (written: string): Pattern {
  const found = EXPRESSION.exec(written)
  return found === null ? compileGlob(written) : compileExpression(found[1]!, found[2]!)
}

/** One pattern, or a list of which one must fit, each turned by `of` first. Throws as compilePattern, naming the path. */
export function compilePatterns (written: string | readonly string[], path: string, of = (text: string) => text): Pattern {
  const compile = (text: string, path: string): Pattern => {
    try {
      return compilePattern(of(text))
    } catch (error) {
      throw error instanceof PremortemError ? error.at({ path }) : error
    }
  }
  if (typeof written === 'string') return compile(written, path)
  const all = written.map((text, i) => compile(text, `${path}.${i}`))
  return { test: (text) => all.some((pattern) => pattern.test(text)) }
}

/**
 * A regular expression that is searched for anywhere in a text; slashes around it may be left out. Takes time that grows with
 * the text's length and no faster. Throws as compilePattern.
 */
export function compileSearch (written: string): Pattern {
  const [, source, flags] = /^\/(.*)\/([dgimsuvy]*)$/s.exec(written) ?? [undefined, written, '']
  return compileExpression(source!, flags!)
}

let linear = false

function compileExpression (source: string, flags: string): Pattern {
  // A client chooses the text, and could make backtracking take hours. V8 has a second engine, which never does.
  if (!linear) setFlagsFromString('--enable-experimental-regexp-engine')
  linear = true
  const refuse = (message: string, hint: string, cause?: unknown): never => {
    throw new PremortemError('PMT_ERR_INVALID', {
      message, found: `/${source}/${flags}`, wanted: 'a regular expression between slashes, or a glob', hint, cause
    })
  }
  if (flags !== '') return refuse('a regular expression has no flags here', 'for either case write both, as in [aA]')
  try {
    // eslint-disable-next-line no-invalid-regexp -- `l` is V8's own: match in linear time, or refuse
    return new RegExp(source, 'l')
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: .*\/l: /s, '')
    return why === 'Cannot be executed in linear time'
      ? refuse('the regular expression could take hours on a text made for it', 'do without back-references, look-around and counts above 16; x{16}x{16} is x{32}', error)
      : refuse(`not a regular expression: ${why}`, 'a slash that is no end needs no backslash; ( [ { do, to stand for themselves', error)
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
