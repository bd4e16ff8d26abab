import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Strict } from '../kernel/schema.ts'
import type { RequestHead } from './fault.ts'
import { HeadersSchema } from './header.ts'

const words = (description: string, wanted: string) =>
  Type.Optional(Type.Union([
    Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })
  ], { description, wanted }))

/** Schema of `match`: which requests a fault may hit. Every field given must fit; a list fits if one of it does. */
export const MatchSchema = Strict({
  method: words('request method, case-insensitive', 'a method such as POST, or a list of them'),
  path: words('path without query; `*` stands for one segment\'s text, `**` for anything', 'a path such as /charge/**, or a list of them'),
  host: words('Host header without port; `*` as in path', 'a host such as api.internal, or a list of them'),
  header: Type.Optional(HeadersSchema({
    description: 'header names and the values they must have; `*` as in path, and alone for any value'
  }))
}, { description: 'which requests (http faults only)' })

/** `match` as it is written. */
export type Match = Static<typeof MatchSchema>

/** Whether a request fits. */
export type Matcher = (head: RequestHead) => boolean

/** The predicate of a `match`; with nothing to match, everything fits. */
export function compileMatch (match: Match | undefined): Matcher {
  const tests: Matcher[] = []
  if (match?.method !== undefined) {
    const methods = new Set(list(match.method).map((method) => method.toUpperCase()))
    tests.push((head) => methods.has(head.method))
  }
  if (match?.path !== undefined) {
    const globs = list(match.path).map((glob) => compileGlob(glob))
    tests.push((head) => globs.some((glob) => glob.test(head.path)))
  }
  if (match?.host !== undefined) {
    const globs = list(match.host).map((glob) => compileGlob(glob.toLowerCase()))
    tests.push((head) => globs.some((glob) => glob.test(head.host.toLowerCase())))
  }
  for (const [name, value] of Object.entries(match?.header ?? {})) {
    const key = name.toLowerCase()
    // Alone, `*` is any value, slashes included.
    const glob = compileGlob(value === '*' ? '**' : value)
    tests.push((head) => {
      const found = head.header(key)
      return found !== undefined && glob.test(found)
    })
  }
  return (head) => {
    for (const test of tests) if (!test(head)) return false
    return true
  }
}

const list = (value: string | string[]): string[] => typeof value === 'string' ? [value] : value

interface Glob { test (text: string): boolean }

/** `*` matches anything but a slash, `**` (or more) anything; every other character stands for itself. */
function compileGlob (glob: string): Glob {
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
