import type { RequestHead, ResponseHead } from '../../src/faults/fault.ts'

interface Head { method?: string, path?: string, host?: string, headers?: Record<string, string> }

/** A request's head as a fault sees it; a GET of / at `api.test` where nothing else is said. */
export function requestHead (head: Head = {}): RequestHead {
  const { method = 'GET', path = '/', host = 'api.test', headers = {} } = head
  return { method, path, host, header: (name) => headers[name] }
}

/** A response's head as a fault sees it. */
export function responseHead (status = 200, headers: Record<string, string> = {}): ResponseHead {
  return { status, header: (name) => headers[name] }
}
