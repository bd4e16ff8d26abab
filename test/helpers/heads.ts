import type { RequestHead, ResponseHead } from '../../src/faults/fault.ts'

interface Head {
  method?: string
  path?: string
  target?: string
  host?: string
  client?: string
  headers?: Record<string, string>
}

/** A request's head as a fault sees it; a GET of / at `api.test` where nothing else is said. */
export function requestHead (head: Head = {}): RequestHead {
  const { method = 'GET', path = '/', target = path, host = 'api.test', client = '127.0.0.1', headers = {} } = head
  return { method, path, target, host, client, header: (name) => headers[name] }
}

/** A response's head as a fault sees it. */
export function responseHead (status = 200, headers: Record<string, string> = {}): ResponseHead {
  return { status, header: (name) => headers[name] }
}
