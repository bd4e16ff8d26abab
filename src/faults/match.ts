import { BlockList, isIP } from 'node:net'
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { compilePatterns, isExpression } from '../kernel/pattern.ts'
import { Strict } from '../kernel/schema.ts'
import type { MessageHead, RequestHead, ResponseHead } from './fault.ts'
import type { Handshake } from './handshake.ts'
import { HeadersSchema } from './header.ts'

const oneOrMore = <T extends TSchema>(word: T, description: string, wanted: string) =>
  Type.Optional(Type.Union([word, Type.Array(word, { minItems: 1 })], { description, wanted }))

const words = (description: string, wanted: string) => oneOrMore(Type.String({ minLength: 1 }), description, wanted)

const STATUS = '^[1-5](xx|\\d\\d)$'

const client = words('the client\'s address, or a network of them', 'an address such as 10.1.2.3, a network such as 10.0.0.0/8, or a list of them')

/** Schema of `match` for http faults: which exchanges they may hit. Every field given must fit; of a list, one must. */
export const MatchSchema = Strict({
  method: words('request method, case-insensitive', 'a method such as POST, or a list of them'),
  path: words('path without query; `*` stands for one segment\'s text, `**` for anything; or `/a regular expression/`', 'a path such as /charge/**, or a list of them'),
  host: words('Host header without port; as in path', 'a host such as api.internal, or a list of them'),
  header: Type.Optional(HeadersSchema({
    description: 'request header names and the values they must have; as in path, and `*` alone for any value'
  })),
  query: Type.Optional(Type.Record(Type.String(), Type.String(), {
    description: 'query parameters and the values they must have; as in path, and `*` alone for any value', wanted: 'query parameters, each with its value'
  })),
  client,
  status: oneOrMore(Type.Union([
    Type.Integer({ minimum: 100, maximum: 599 }), Type.String({ pattern: STATUS })
  ]), 'response status; `5xx` stands for all of them', 'a status such as 404 or 5xx, or a list of them'),
  'response-header': Type.Optional(HeadersSchema({ description: 'the same for the response\'s headers' }))
}, { description: 'which exchanges it may hit' })

/** Schema of `match` for stream faults: which connections they may hit. */
export const ConnectionMatchSchema = Strict({ client }, { description: 'which connections it may hit' })

/** Schema of `match` for tls faults: which handshakes they may hit. */
export const HandshakeMatchSchema = Strict({
  sni: words('the name that the client asks for; as in path', 'a name such as api.internal, or a list of them'),
  client
}, { description: 'which handshakes it may hit' })

/** `match` as it is written. */
export type Match = Static<typeof MatchSchema> & Static<typeof HandshakeMatchSchema>

/** Tests of a `match`, each the name of the first field that does not fit, or null if all do. */
export interface Matcher {
  request (head: RequestHead): string | null
  /** null if it does not look at the response. */
  readonly response: ((head: ResponseHead) => string | null) | null
  client (address: string): string | null
  handshake (handshake: Handshake): string | null
}

type Test<T> = readonly [field: string, fits: (subject: T) => boolean]

/** The tests of a `match`; with nothing to match, everything fits. Throws PMT_ERR_INVALID, the path below `base`. */
export function compileMatch (match: Match | undefined, base = 'match'): Matcher {
  if (match === undefined) return ANYTHING
  // Alone, `*` is any value, slashes included.
  const values = <T>(
    field: string, written: Record<string, string> | undefined, read: (subject: T, name: string) => readonly string[]
  ): Test<T>[] => Object.entries(written ?? {}).map(([name, value]) => {
      const pattern = compilePatterns(value === '*' ? '**' : value, `${base}.${field}.${name}`)
      return [`${field}.${name}`, (subject: T) => read(subject, name).some((found) => pattern.test(found))]
    })
  const header = (head: MessageHead, name: string): string[] => {
    const found = head.header(name.toLowerCase())
    return found === undefined ? [] : [found]
  }

  const lower = (host: string): string => isExpression(host) ? host : host.toLowerCase()
  const requests: Test<RequestHead>[] = []
  if (match.method !== undefined) {
    const methods = new Set(list(match.method).map((method) => method.toUpperCase()))
    requests.push(['method', (head) => methods.has(head.method)])
  }
  if (match.path !== undefined) {
    const pattern = compilePatterns(match.path, `${base}.path`)
    requests.push(['path', (head) => pattern.test(head.path)])
  }
  if (match.host !== undefined) {
    const pattern = compilePatterns(match.host, `${base}.host`, lower)
    requests.push(['host', (head) => pattern.test(head.host)])
  }
  requests.push(...values<RequestHead>('header', match.header, header), ...values<RequestHead>('query', match.query, queryOf))
  const inNetwork = match.client === undefined ? undefined : compileClient(match.client, `${base}.client`)
  if (inNetwork !== undefined) requests.push(['client', (head) => inNetwork(head.client)])

  const responses: Test<ResponseHead>[] = []
  if (match.status !== undefined) {
    const statuses = list<string | number>(match.status).map(String)
    responses.push(['status', ({ status }) => statuses.some((word) => word.endsWith('xx') ? word[0] === String(status)[0] : word === String(status))])
  }
  responses.push(...values<ResponseHead>('response-header', match['response-header'], header))

  const sni = match.sni === undefined ? undefined : compilePatterns(match.sni, `${base}.sni`, lower)
  const handshakes: Test<Handshake>[] = []
  if (sni !== undefined) handshakes.push(['sni', ({ hello }) => hello.sni !== undefined && sni.test(hello.sni)])
  if (inNetwork !== undefined) handshakes.push(['client', (handshake) => inNetwork(handshake.client)])

  return {
    request: (head) => firstMiss(requests, head),
    response: responses.length === 0 ? null : (head) => firstMiss(responses, head),
    client: (address) => inNetwork === undefined || inNetwork(address) ? null : 'client',
    handshake: (handshake) => firstMiss(handshakes, handshake)
  }
}

const ANYTHING: Matcher = { request: () => null, response: null, client: () => null, handshake: () => null }

function firstMiss<T> (tests: readonly Test<T>[], subject: T): string | null {
  for (const [field, fits] of tests) if (!fits(subject)) return field
  return null
}

const list = <T>(value: T | readonly T[]): readonly T[] => Array.isArray(value) ? value as readonly T[] : [value as T]

function queryOf (head: RequestHead, name: string): string[] {
  const query = head.target.indexOf('?')
  return query === -1 ? [] : new URLSearchParams(head.target.slice(query + 1)).getAll(name)
}

function compileClient (written: string | string[], path: string): (address: string) => boolean {
  const networks = new BlockList()
  for (const [i, text] of list(written).entries()) {
    const [, address = '', prefix] = /^(.*?)(?:\/(\d{1,3}))?$/s.exec(text) ?? []
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    if (version === 0 || Number(prefix ?? 0) > bits) {
      throw new PremortemError('PMT_ERR_INVALID', { message: 'not an address', path: Array.isArray(written) ? `${path}.${i}` : path, found: text, wanted: 'an address such as 10.1.2.3 or a network such as 10.0.0.0/8' })
    }
    networks.addSubnet(address, prefix === undefined ? bits : Number(prefix), version === 4 ? 'ipv4' : 'ipv6')
  }
  // A socket that takes both kinds shows IPv4 as ::ffff:10.1.2.3; BlockList takes the two for one.
  return (address) => {
    const version = isIP(address)
    return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6')
  }
}
