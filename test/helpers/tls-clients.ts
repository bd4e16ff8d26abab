import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { Agent as Undici, request as undiciRequest } from 'undici'
import { CHILDREN } from './tls-client-programs.ts'

/** Whom a client asks, what it trusts, and a certificate of its own, if it has one; `fetch` has none. PEM, and in files. */
export interface Target {
  port: number
  trust: { ca: string, file: string }
  own?: { cert: string, key: string, certFile: string, keyFile: string }
}

const ownPair = ({ own }: Target): { cert?: string, key?: string } => own === undefined ? {} : { cert: own.cert, key: own.key }

/** The newest version that a client offers. */
export type Newest = 'TLSv1.2' | 'TLSv1.3'

/** One client that lives on, with the connections and sessions it has. */
export interface TlsClient {
  /** Asks once: `ok`, the status if it is another, or what it reports in its own words. */
  ask (path?: string): Promise<string>
}

/** The clients there are. `https` and `undici` run here; the others are processes of their own. */
export const CLIENTS = ['https', 'https fresh', 'undici', 'fetch', 'curl', 'openssl', 'python'] as const

/** The name of a client. */
export type ClientName = (typeof CLIENTS)[number]

/** How long a client waits when nothing happens, in milliseconds. */
const PATIENCE = 2500

/** Starts a client; it is gone when the test is over. */
export function startClient (t: Test, name: ClientName, target: Target, newest: Newest = 'TLSv1.3'): TlsClient {
  switch (name) {
    case 'https': return httpsClient(t, target, newest, true)
    case 'https fresh': return httpsClient(t, target, newest, false)
    case 'undici': return undiciClient(t, target, newest)
    case 'fetch': return childClient(t, target, process.execPath, [...newest === 'TLSv1.2' ? ['--tls-max-v1.2'] : [], '-e', CHILDREN.fetch])
    case 'python': return childClient(t, target, 'python3', ['-c', CHILDREN.python, newest])
    case 'curl': return { ask: (path) => startCurl(t, target, newest, [path ?? '/']).seen }
    case 'openssl': return { ask: (path) => openssl(t, target, newest, [], path) }
  }
}

// --- in this process ---

/** With an agent that keeps connections and sessions, or with a new one for each request. */
function httpsClient (t: Test, target: Target, maxVersion: Newest, keeps: boolean): TlsClient {
  const { port, trust: { ca } } = target
  const options = { ca, maxVersion, keepAlive: keeps, ...ownPair(target) }
  const kept = new HttpsAgent(options)
  t.teardown(() => { kept.destroy() })
  return {
    async ask (path = '/') {
      const agent = keeps ? kept : new HttpsAgent({ ...options, maxCachedSessions: 0 })
      try {
        return await new Promise<string>((resolve) => {
          const fail = (error: NodeJS.ErrnoException): void => { resolve(nodeWords(error)) }
          httpsRequest({ host: 'localhost', port, path, agent, signal: AbortSignal.timeout(PATIENCE) }, (response) => {
            response.on('error', fail).on('end', () => { resolve(statusWord(response.statusCode!)) }).resume()
          }).on('error', fail).end()
        })
      } finally {
        if (!keeps) agent.destroy()
      }
    }
  }
}

function undiciClient (t: Test, target: Target, maxVersion: Newest): TlsClient {
  const { port, trust: { ca } } = target
  const dispatcher = new Undici({ connections: 1, connect: { ca, maxVersion, timeout: PATIENCE, ...ownPair(target) } })
  t.teardown(async () => { await dispatcher.destroy() })
  return {
    async ask (path = '/') {
      try {
        const { statusCode, body } = await undiciRequest(`https://localhost:${port}${path}`, { dispatcher, signal: AbortSignal.timeout(PATIENCE) })
        await body.arrayBuffer()
        return statusWord(statusCode)
      } catch (error) {
        return nodeWords(error as NodeJS.ErrnoException)
      }
    }
  }
}

const statusWord = (status: number): string => status === 200 ? 'ok' : String(status)

/** The code of an error of Node; where that is EPROTO, what OpenSSL says as well. */
export function nodeWords (error: NodeJS.ErrnoException): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout'
  const { code } = error
  if (code !== 'EPROTO') return code ?? error.message
  return `EPROTO ${/SSL routines:[^:]*:([^:]*):/.exec(error.message)?.[1] ?? ''}`.trim()
}

// --- processes that live on: a path in, a word out ---

function childClient (t: Test, { port, trust: { file }, own }: Target, program: string, argv: string[]): TlsClient {
  const child = started(t, program, argv, {
    NODE_EXTRA_CA_CERTS: file,
    TRUST: file,
    PORT: String(port),
    PATIENCE: String(PATIENCE),
    ...own === undefined ? {} : { OWN_CERT: own.certFile, OWN_KEY: own.keyFile }
  })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return {
    async ask (path = '/') {
      child.stdin!.write(`${path}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${program} has ended`)
      return value
    }
  }
}

function started (t: Test, program: string, argv: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(program, argv, { env: { PATH: process.env.PATH, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  child.stdin!.on('error', () => {})
  t.teardown(async () => {
    child.kill('SIGKILL')
    await closed
  })
  return child
}

async function outputOf (child: ChildProcess): Promise<{ code: number | null, out: string }> {
  let out = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('latin1').on('data', (text: string) => { out += text })
  const [code] = await once(child, 'close') as [number | null]
  return { code, out }
}

// --- curl ---

/** One process of curl that asks for one path after the other; `seen` is what came of the last. */
export function startCurl (
  t: Test, { port, trust: { file }, own }: Target, newest: Newest, paths: readonly string[]
): { seen: Promise<string> } {
  const child = started(t, 'curl', [
    '-sS', '--cacert', file, '--tlsv1.2', '--tls-max', newest.slice(4), '-m', String(PATIENCE / 1000), '-w', '\\nstatus %{http_code}\\n',
    ...own === undefined ? [] : ['--cert', own.certFile, '--key', own.keyFile],
    ...paths.flatMap((path) => ['-o', '/dev/null', `https://localhost:${port}${path}`])
  ])
  child.stdin!.end()
  const seen = outputOf(child).then(({ code, out }) =>
    code === 0 ? statusWord(Number(/status (\d+)\s*$/.exec(out)?.[1])) : curlWords(code, out))
  return { seen }
}

function curlWords (code: number | null, out: string): string {
  const text = [...out.matchAll(/^curl: \(\d+\) (.*)$/gm)].at(-1)?.[1] ?? ''
  const reason = (/error:[^:]*:[^:]*:[^:]*:([^,]*)/.exec(text)?.[1] ?? text)
    .replace(/^SSL certificate problem: /, '')
    .replace(/ in connection to .*| after \d+ milliseconds.*| with \d+ bytes remaining.*/, '')
  return `(${code}) ${reason}`.trim()
}

// --- openssl ---

/** One `openssl s_client`; `session` is `-sess_out FILE` or `-sess_in FILE`. */
export async function openssl (t: Test, target: Target, newest: Newest, session: string[] = [], path = '/'): Promise<string> {
  const { port, trust: { file }, own } = target
  const child = started(t, 'openssl', [
    's_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-verify_hostname', 'localhost', '-CAfile', file,
    '-verify_return_error', '-ign_eof', ...newest === 'TLSv1.2' ? ['-tls1_2'] : [], ...session,
    ...own === undefined ? [] : ['-cert', own.certFile, '-key', own.keyFile]
  ])
  const patience = setTimeout(() => { child.kill('SIGKILL') }, PATIENCE)
  child.stdin!.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  const { code, out } = await outputOf(child)
  clearTimeout(patience)
  const words = /verify error:num=(\d+:[^\n]*)|error:[^:]*:SSL routines:[^:]*:([^:\n]*)|(?:read|write):(errno=\d+)/.exec(out)
  if (words !== null) return (words[1]?.replace(':', ' ') ?? words[2] ?? words[3])!.trim()
  const status = /^HTTP\/1\.1 (\d+)/m.exec(out)?.[1]
  if (status !== undefined) return statusWord(Number(status))
  return code === null ? 'timeout' : 'no answer'
}

/** A file for a session of openssl, beside what the client trusts. */
export const sessionFile = ({ trust: { file } }: Target): string => join(dirname(file), `${randomUUID()}.sess`)

// --- comparing ---

/** Spellings of alerts, which differ between versions of OpenSSL: `ERR_SSL_SSLV3_ALERT_X`, `ERR_SSL_SSL/TLS_ALERT_X`. */
const ALERT = /(?:err_ssl_)?(?:sslv3|tlsv1|tlsv13|ssl\/tls)_(?:alert_)?(\w+)$/

/** What a client reports, without what differs between versions of its library. Compare by this. */
export function classify (words: string): string {
  const plain = words.toLowerCase().replaceAll(' ', '_').replaceAll('`', '')
  // Beside its exit code only the reason why a certificate is turned down is curl's own word, and an alert.
  if (/^\((?!60)\d+\)/.test(plain) && !ALERT.test(plain)) return plain.slice(0, 4)
  // Which of two ends of a body undici sees is a matter of luck; so is what a write meets that comes too late.
  if (plain === 'und_err_res_content_length_mismatch') return 'und_err_socket'
  if (plain === 'epipe') return 'econnreset'
  return plain.replace(ALERT, 'alert:$1').replace(/^err_ssl_/, '')
}
