import { isObject, pythonText } from './python.ts'
import type { Json, JsonObject } from './types.ts'

/** A request as it goes out. */
export interface Outgoing { method: string, url: URL, headers: Record<string, string>, body: string | undefined }

/**
 * The request that a provider asks for, by the rules of the Chaos Toolkit and of Python's requests: the arguments are the query
 * of a GET; else JSON if the Content-Type is exactly that, and a form if not. Throws TypeError if the URL is none.
 */
export function outgoingOf (provider: JsonObject): Outgoing {
  const method = String(provider.method ?? 'GET').toUpperCase()
  const url = new URL(String(provider.url))
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`no connection adapters were found for '${url.href}'`)
  const given = isObject(provider.headers) ? provider.headers : {}
  const headers = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null).map(([name, value]) => [name, pythonText(value)]))
  const { arguments: args } = provider
  if (args === undefined || args === null) return { method, url, headers, body: undefined }
  if (method === 'GET') {
    const query = isObject(args) ? form(args) : pythonText(args)
    if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
    return { method, url, headers, body: undefined }
  }
  if (headers['Content-Type'] === 'application/json') return { method, url, headers, body: JSON.stringify(args) }
  if (!isObject(args)) return { method, url, headers, body: pythonText(args) }
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  return { method, url, headers: typed ? headers : { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' }, body: form(args) }
}

// A list stands for as many pairs, and None for none.
function form (args: JsonObject): string {
  const pairs = Object.entries(args).flatMap(([name, value]) => {
    const items: Json[] = Array.isArray(value) ? value : [value]
    return items.filter((item) => item !== null).map((item): [string, string] => [name, pythonText(item)])
  })
  return new URLSearchParams(pairs).toString()
}

const REDIRECTS = [301, 302, 303, 307, 308]

/** The request that an answer redirects to, as browsers and requests do it; null if it is no redirect. */
export function redirectOf (request: Outgoing, status: number, location: string | undefined): Outgoing | null {
  if (!REDIRECTS.includes(status) || location === undefined) return null
  const url = new URL(location, request.url)
  const { method } = request
  const becomesGet = (status === 303 && method !== 'HEAD') || (status === 302 && method !== 'HEAD') || (status === 301 && method === 'POST')
  const dropped = [
    ...(becomesGet ? ['content-type', 'content-length', 'transfer-encoding'] : []),
    ...(url.host === request.url.host ? [] : ['authorization'])
  ]
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !dropped.includes(name.toLowerCase())))
  return becomesGet ? { method: 'GET', url, headers, body: undefined } : { ...request, url, headers }
}
