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

/**
 * `*` matches anything but a slash, `**` anything; every other character stands for itself. Stars side by side are one
 * `**`: the engine would try every way to share a text among them.
 */
function compileGlob (glob: string): RegExp {
  const source = glob.split(/(\*+)/).map((part) =>
    part === '*' ? '[^/]*' : part.startsWith('*') ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${source.join('')}$`, 's')
}
