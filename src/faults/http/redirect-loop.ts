import { Type } from 'typebox'
import { Default, OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import { HeaderValue } from '../header.ts'

/** Requests are redirected to themselves. */
export const redirectLoop = defineHttpFault({
  type: 'redirect-loop',
  params: Strict({
    status: Default(OneOf([301, 302, 303, 307, 308], { description: 'the status code' }), 302),
    location: Type.Optional(HeaderValue({ description: 'where to; the request\'s own target if left out' }))
  }),
  doc: {
    summary: 'Redirects each request to itself, or to a place of your choice; the upstream is not called.',
    example: { type: 'redirect-loop', status: 307, match: { path: '/login' } },
    seen: { curl: 'the status; with `-L`, `(47) Maximum (50) redirects followed`', node: 'the status; with fetch, `redirect count exceeded`' },
    limits: 'With a status of 301 or 308 a client may remember the redirect and go on after the fault is gone. With `match` or `share`, the next request may not be hit, and the loop ends.'
  },
  begin: ({ status, location }) => ({
    request ({ target }) {
      const to = location ?? selfOf(target)
      return to === null ? { do: 'unfit', why: 'its target is no place to go to' } : { do: 'respond', status, headers: { location: to }, body: '' }
    }
  })
})

// RFC 3986, 4.2: what begins with two slashes would lead to another host. CONNECT and OPTIONS * have no path.
function selfOf (target: string): string | null {
  if (target.startsWith('//')) return `/.${target}`
  return target.startsWith('/') || /^https?:\/\//i.test(target) ? target : null
}
