import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Test } from 'tap'
import type { ToxicView } from '../../src/faults/toxics.ts'
import type { ToxiproxyView } from '../../src/proxy/toxiproxy.ts'
import { start } from '../helpers/binary.ts'

/** Where every client of Toxiproxy looks for it. */
export const USUAL = 'http://localhost:8474'

/** What came of a request. */
export interface Answer<T> { status: number, headers: Headers, text: string, json: T }

/** The real binary as a Toxiproxy server. */
export interface Server {
  url: string
  call<T = unknown> (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>
  /** A new proxy in front of an upstream, and its port; what is not 201 is an error. */
  proxy (upstream: string, more?: object): Promise<{ name: string, port: number, view: ToxiproxyView }>
  toxic (proxy: string, toxic: object): Promise<ToxicView>
  update (proxy: string, toxic: string, attributes: Record<string, number>): Promise<void>
  remove (proxy: string, toxic: string): Promise<void>
}

/** Starts `premortem serve` without any proxy, its API at `listen`. */
export async function startServer (t: Test, listen = '127.0.0.1:0'): Promise<Server> {
  const folder = t.testdir({ 'toxiproxy.json': '[]' })
  const binary = start(t, ['serve', '--toxiproxy-config', 'toxiproxy.json', '--listen', listen, '--log-level', 'error'], { cwd: folder })
  const url = /control API at (http:\/\/[\d.:]+)/.exec(await binary.printed(/control API at http:\/\/[\d.:]+ /))![1]!
  let count = 0
  const call: Server['call'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: (/^[{[]/.test(text) ? JSON.parse(text) : undefined) as never }
  }
  const expect = async <T>(status: number, ...what: Parameters<Server['call']>): Promise<T> => {
    const answer = await call<T>(...what)
    if (answer.status !== status) throw new Error(`${what[0]} ${what[1]} answered ${answer.status}: ${answer.text}`)
    return answer.json
  }
  return {
    url,
    call,
    async proxy (upstream, more = {}) {
      const view = await expect<ToxiproxyView>(201, 'POST', '/proxies', { name: `proxy-${++count}`, listen: 'localhost:0', upstream, ...more })
      return { name: view.name, port: portOf(view.listen), view }
    },
    toxic: (proxy, toxic) => expect(200, 'POST', `/proxies/${proxy}/toxics`, toxic),
    update: (proxy, toxic, attributes) => expect(200, 'POST', `/proxies/${proxy}/toxics/${toxic}`, { attributes }),
    remove: (proxy, toxic) => expect(204, 'DELETE', `/proxies/${proxy}/toxics/${toxic}`)
  }
}

/** The port after the last colon, as Testcontainers reads it. */
export const portOf = (listen: string): number => Number(listen.slice(listen.lastIndexOf(':') + 1))

/**
 * Whether these ports of this machine are free. If not, the test is skipped where people see it; in CI, where nobody else
 * takes them, that is a failure.
 */
export async function hasPorts (t: Test, ...ports: number[]): Promise<boolean> {
  for (const port of ports) {
    if (await isFree(port)) continue
    const why = `port ${port} is taken`
    if (process.env.CI === 'true') t.fail(why)
    else t.pass(why, { skip: why })
    return false
  }
  return true
}

async function isFree (port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '0.0.0.0')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** The code that connecting fails with; null if it succeeds. */
export async function refusal (port: number): Promise<string | null> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  } finally {
    socket.destroy()
  }
}
