import { createServer, request } from 'node:http'
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestListener, Server } from 'node:http'
import { Agent, request as requestOverTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Random } from '../kernel/random.ts'

/** What a shop is made of. `resilient` gives its edge a timeout, one retry and a fallback; the naive one has none. */
export interface ShopOptions {
  resilient: boolean
  clock: Clock
  random: Random
  /** How long the resilient edge waits for payments, each time it asks, in milliseconds. */
  patience?: number
}

/** A running shop, all on loopback. Addresses are `host:port`. */
export interface Shop {
  /** The two nodes of the payments service. */
  payments: { name: string, address: string }[]
  /** The service users call. */
  edge: string
  /**
   * Tells the edge where to call payments: at premortem, which passes calls on to the nodes. With `ca`, in PEM, by https, on
   * connections that it keeps and sessions that it resumes, as services do; each call is on a connection of its own without.
   */
  connect (payments: string, ca?: string): void
  stop (): Promise<void>
}

/** How long payments takes for an answer: this, give or take the jitter (evenly), in milliseconds. */
export const WORK = 20
export const JITTER = 4

/** How long the resilient edge waits for payments, each time it asks, in milliseconds: three times what it should take. */
export const PATIENCE = 60

/** How many requests a node of payments answers on one connection. */
const REQUESTS = 60

/** How many connections the edge has to payments at most, where it keeps them. */
const POOL = 16

/** Says in whose name a request is, and goes with it to payments. */
const USER = 'x-user-id'

/** Asks payments in a user's name; without `patience` it waits for as long as it takes. */
type Call = (user: string | undefined, patience?: number) => Promise<string>

/** The error of a client that was shown an expired certificate. */
const EXPIRED = 'CERT_HAS_EXPIRED'

/** Starts two payments nodes and an edge. */
export async function startShop ({ resilient, clock, random, patience = PATIENCE }: ShopOptions): Promise<Shop> {
  const servers: Server[] = []
  const serve = async (listener: RequestListener, most = 0): Promise<string> => {
    // Connections end by count and not by time, so that no call is on its way when one does.
    const server = createServer({ keepAliveTimeout: 60_000 }, listener)
    server.maxRequestsPerSocket = most
    servers.push(server)
    await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve) })
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  let line: Line = overHttp('')
  let agent: Agent | undefined
  const call: Call = (user, patience) => askPrice(line, user, clock, patience)
  const price = resilient ? resilientPrice(call, patience) : call
  return {
    payments: [
      { name: 'payments-1', address: await serve(paymentsNode(clock, random.fork('payments-1')), REQUESTS) },
      { name: 'payments-2', address: await serve(paymentsNode(clock, random.fork('payments-2')), REQUESTS) }
    ],
    edge: await serve(edge(price)),
    connect (payments, ca) {
      agent?.destroy()
      agent = ca === undefined ? undefined : new Agent({ keepAlive: true, maxSockets: POOL, ca })
      line = agent === undefined ? overHttp(payments) : overTls(payments, agent)
    },
    async stop () {
      agent?.destroy()
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => {
        server.close(() => resolve()).closeAllConnections()
      })))
    }
  }
}

function paymentsNode (clock: Clock, random: Random): RequestListener {
  return (_, response) => {
    clock.after(WORK + random.spread(JITTER), () => response.setHeader('content-type', 'application/json').end('{"price":42}'))
  }
}

/** GET /checkout: the price, or 502 if payments would not say. */
function edge (price: (user: string | undefined) => Promise<string>): RequestListener {
  return (incoming, response) => {
    if (incoming.url !== '/checkout') return void response.writeHead(404).end()
    response.setHeader('content-type', 'application/json')
    price(incoming.headers[USER] as string | undefined).then(
      (body) => response.end(body),
      (error: Error) => response.writeHead(502).end(JSON.stringify({ error: error.message }))
    )
  }
}

/** A call with a deadline; if it fails, the same once more; if that fails too, the price it remembers. */
function resilientPrice (call: Call, patience: number): (user: string | undefined) => Promise<string> {
  let remembered: string | undefined
  const ask = async (user: string | undefined): Promise<string> => {
    remembered = await call(user, patience)
    return remembered
  }
  return async (user) => {
    try {
      return await ask(user)
    } catch (first) {
      // A call on a connection of its own is dealt the next node. It has the same certificate.
      const again = (first as NodeJS.ErrnoException).code === EXPIRED ? Promise.reject(first) : ask(user)
      return await again.catch((error: unknown) => {
        if (remembered === undefined) throw error
        return remembered
      })
    }
  }
}

/** How payments is called. `keeps`: on connections that later calls use as well. */
interface Line {
  begin: (headers: OutgoingHttpHeaders, answered: (response: IncomingMessage) => void) => ClientRequest
  keeps: boolean
}

/** On a connection of its own, as simple clients do it. */
const overHttp = (payments: string): Line => ({
  begin: (headers, answered) => request(`http://${payments}/price`, { agent: false, headers }, answered),
  keeps: false
})

const overTls = (payments: string, agent: Agent): Line => ({
  begin: (headers, answered) => requestOverTls(`https://${payments}/price`, { agent, headers }, answered),
  keeps: true
})

/** One call; without `patience` it waits for as long as it takes. */
function askPrice ({ begin, keeps }: Line, user: string | undefined, clock: Clock, patience?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let cancel: Cancel = () => {}
    const call = begin(user === undefined ? {} : { [USER]: user }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk })
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(body)
        else reject(new Error(`payments answered ${response.statusCode}`))
      })
    })
    if (patience !== undefined) {
      cancel = clock.after(patience, () => {
        const late = new Error(`payments did not answer within ${patience} ms`)
        // The connection is for the next call: to cut it in its handshake would take another one, and so on for ever.
        if (keeps) reject(late)
        else call.destroy(late)
      })
    }
    call.on('error', reject).on('close', () => cancel()).end()
  })
}
