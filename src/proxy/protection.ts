import { Type } from 'typebox'
import type { RequestHead } from '../faults/fault.ts'
import { PremortemError } from '../kernel/errors.ts'
import { compilePatterns } from '../kernel/pattern.ts'

/** Schema of `never`. */
export const NeverSchema = Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }))], {
  description: 'paths that no fault may touch, written as `match.path`', wanted: 'a path such as /healthz, or a list of them'
})

/** Schema of `tagged`. The name is a token (RFC 9110, 5.1). */
export const TaggedSchema = Type.String({
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+(=[\\t\\x20-\\x7e]*)?$",
  description: 'a header that a request must carry before any fault may touch it: NAME, or NAME=VALUE',
  wanted: 'a header such as x-premortem, or x-premortem=on'
})

/** Protection as it is written, on a proxy or at the top of the config. */
export interface Protection { never?: string | string[] | undefined, tagged?: string | undefined }

/** What a proxy protects, the config's own included: path patterns, and the header that a request must carry. */
export interface Protected { never: readonly string[], tagged: string | undefined }

/** Nothing is protected. */
export const UNPROTECTED: Protected = { never: [], tagged: undefined }

/**
 * A proxy's protection, with that of the config added: of paths both, of headers its own. A tcp proxy sees no requests: its
 * own protection is refused, the config's is not for it. Throws PMT_ERR_INVALID, the path below `join`.
 */
export function decodeProtection (
  own: Protection, protocol: string, join: (key: string) => string, defaults = UNPROTECTED
): Protected {
  if (protocol === 'tcp') {
    const key = (['never', 'tagged'] as const).find((key) => own[key] !== undefined)
    if (key === undefined) return UNPROTECTED
    throw new PremortemError('PMT_ERR_INVALID', {
      message: `a tcp proxy sees no requests, so it has no \`${key}\``, path: join(key), found: own[key], wanted: 'a proxy with protocol http or auto'
    })
  }
  if (own.never !== undefined) compilePatterns(own.never, join('never'))
  return { never: [...new Set([...defaults.never, ...[own.never ?? []].flat()])], tagged: own.tagged ?? defaults.tagged }
}

/** Whether anything is protected, which only faults on requests can heed. */
export function isProtected ({ never, tagged }: Protected): boolean {
  return never.length > 0 || tagged !== undefined
}

/** Tells of a request why no fault may touch it; null if faults may. */
export type Protect = (head: RequestHead) => 'never' | 'untagged' | null

/** The test that a protection means. */
export function compileProtection ({ never, tagged }: Protected): Protect {
  const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(tagged ?? '')!
  const header = name.toLowerCase()
  const paths = never.length === 0 ? undefined : compilePatterns(never, 'never')
  return (head) => {
    if (paths !== undefined && (paths.test(head.path) || paths.test(normalized(head.path)))) return 'never'
    if (tagged === undefined) return null
    const found = head.header(header)
    return found === undefined || (value !== undefined && found !== value) ? 'untagged' : null
  }
}

/** The path as a server may understand it: escapes, dot segments and double slashes undone (RFC 3986, 6.2). */
function normalized (path: string): string {
  if (!/%|\/\.|\/\//.test(path)) return path
  try {
    return decodeURIComponent(new URL(path.replace(/\/{2,}/g, '/'), 'http://any').pathname)
  } catch {
    return path
  }
}
