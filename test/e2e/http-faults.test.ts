import { execFile } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { test } from 'tap'
import { Agent, request } from 'undici'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import type { Test } from 'tap'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import { eventually, startProxy } from '../helpers/proxy.ts'
import { hasTools } from '../helpers/tools.ts'
import { startHttpUpstream } from '../helpers/upstream.ts'

/** What a client saw: `code` is curl's exit code, or the code of undici's error; 0 or '' if all went well. */
interface Seen {
  code: string | number
  message: string
  status: number
  headers: Record<string, unknown>
  body: string
  ms: number
}

type Check = Partial<{
  code: string | number | RegExp
  message: RegExp
  status: number
  header: [string, string | RegExp]
  body: string | RegExp
  atLeast: number
}>

interface Case {
  fault: FaultSpec
  /** How often the client asks before the request that is looked at. */
  before?: number
  post?: string
  curl: Check
  undici: Check
  /** How often the node was asked by the one request that is looked at. */
  node?: number
}

const BODY = JSON.stringify({ price: 5, name: 'x'.repeat(2000), padding: 'y'.repeat(2000) })

const fine: Check = { code: 0, status: 200, body: BODY }
const fineUndici: Check = { ...fine, code: '' }

const CASES: Record<string, Case[]> = {
  delay: [
    { fault: { type: 'delay', delay: '120ms' }, curl: { ...fine, atLeast: 120 }, undici: { ...fineUndici, atLeast: 120 }, node: 1 },
    { fault: { type: 'delay', delay: '120ms', at: 'response' }, curl: { ...fine, atLeast: 120 }, undici: { ...fineUndici, atLeast: 120 }, node: 1 },
    { fault: { type: 'delay', delay: '120ms', at: 'chunk' }, curl: { ...fine, atLeast: 120 }, undici: { ...fineUndici, atLeast: 120 }, node: 1 },
    { fault: { type: 'delay', delay: '20s' }, curl: { code: 28, message: /Operation timed out/ }, undici: { code: 'UND_ERR_HEADERS_TIMEOUT' } }
  ],
  status: [
    { fault: { type: 'status', status: 503, body: 'no', headers: { 'x-a': '1' } }, curl: { code: 0, status: 503, body: 'no', header: ['x-a', '1'] }, undici: { code: '', status: 503, body: 'no', header: ['x-a', '1'] }, node: 0 },
    { fault: { type: 'status', status: 500, when: 'after' }, curl: { code: 0, status: 500, body: '' }, undici: { code: '', status: 500, body: '' }, node: 1 },
    { fault: { type: 'status', status: 418, when: 'after', match: { status: '2xx' } }, curl: { code: 0, status: 418 }, undici: { code: '', status: 418 }, node: 1 }
  ],
  abort: [
    { fault: { type: 'abort' }, curl: { code: 56, message: /Connection reset by peer/ }, undici: { code: 'ECONNRESET' }, node: 0 },
    { fault: { type: 'abort', how: 'close' }, curl: { code: 52, message: /Empty reply from server/ }, undici: { code: 'UND_ERR_SOCKET', message: /other side closed/ }, node: 0 },
    { fault: { type: 'abort', how: 'close', when: 'mid-body' }, curl: { code: 18, message: /transfer closed/ }, undici: { code: 'UND_ERR_SOCKET' }, node: 1 },
    { fault: { type: 'abort', how: 'reset', when: 'mid-body' }, curl: { code: 56, message: /reset by peer/ }, undici: { code: /ECONNRESET|UND_ERR_SOCKET/ }, node: 1 },
    { fault: { type: 'abort', how: 'reset', when: 'mid-head' }, curl: { code: 56, message: /reset by peer/ }, undici: { code: /ECONNRESET|UND_ERR_SOCKET/ }, node: 1 }
  ],
  hang: [{ fault: { type: 'hang' }, curl: { code: 28, message: /Operation timed out/ }, undici: { code: 'UND_ERR_HEADERS_TIMEOUT' }, node: 0 }],
  truncate: [
    { fault: { type: 'truncate', keep: 100 }, curl: { code: 18, body: BODY.slice(0, 100), message: /bytes remaining to read/ }, undici: { code: 'UND_ERR_SOCKET', status: 200 }, node: 1 },
    { fault: { type: 'truncate', fraction: '25%', how: 'reset' }, curl: { code: 56, body: BODY.slice(0, Math.floor(BODY.length / 4)) }, undici: { code: /ECONNRESET|UND_ERR_SOCKET/ } },
    { fault: { type: 'truncate', fraction: '50%', how: 'stall' }, curl: { code: 28, body: BODY.slice(0, Math.floor(BODY.length / 2)) }, undici: { code: 'UND_ERR_BODY_TIMEOUT' } }
  ],
  'slow-body': [
    { fault: { type: 'slow-body', size: BODY.length / 4, gap: '50ms' }, curl: { ...fine, atLeast: 150 }, undici: { ...fineUndici, atLeast: 150 } },
    { fault: { type: 'slow-body', rate: BODY.length * 5 }, curl: { ...fine, atLeast: 180 }, undici: { ...fineUndici, atLeast: 180 } }
  ],
  'corrupt-body': [{ fault: { type: 'corrupt-body', 'one-in': 100 }, curl: { code: 0, status: 200, body: new RegExp(`^(?!${escape(BODY)})[^]{${BODY.length}}$`) }, undici: { code: '', status: 200, body: /^(?!.*"price":5,"name":"x{2000}","padding":"y{2000}")/ } }],
  body: [
    { fault: { type: 'body', replace: 'gone', 'content-type': 'text/plain' }, curl: { code: 0, status: 200, body: 'gone', header: ['content-type', 'text/plain'] }, undici: { code: '', body: 'gone' }, node: 1 },
    { fault: { type: 'body', merge: { price: null, extra: [1] } }, curl: { code: 0, body: /^\{"name":"x+","padding":"y+","extra":\[1\]\}$/ }, undici: { code: '', body: /"extra":\[1\]\}$/ }, node: 1 },
    { fault: { type: 'body', of: 'request', merge: { b: 2 } }, post: '{"a":1}', curl: { code: 0, body: 'got {"a":1,"b":2}' }, undici: { code: '', body: 'got {"a":1,"b":2}' } }
  ],
  header: [
    { fault: { type: 'header', set: { 'cache-control': 'no-store' }, remove: ['content-type'] }, curl: { ...fine, header: ['cache-control', 'no-store'] }, undici: { ...fineUndici, header: ['cache-control', 'no-store'] } },
    { fault: { type: 'header', of: 'request', set: { 'x-seen': 'yes' } }, curl: { ...fine, header: ['x-echo', 'yes'] }, undici: { ...fineUndici, header: ['x-echo', 'yes'] } }
  ],
  'rate-limit': [{ fault: { type: 'rate-limit', limit: 1, window: '1h' }, before: 1, curl: { code: 0, status: 429, header: ['retry-after', /^\d{4}$/] }, undici: { code: '', status: 429, header: ['retry-after', /^\d{4}$/] }, node: 0 }],
  duplicate: [{ fault: { type: 'duplicate' }, post: 'once', curl: { code: 0, body: 'got once' }, undici: { code: '', body: 'got once' }, node: 2 }],
  'bad-framing': [
    { fault: { type: 'bad-framing' }, curl: { code: 56, message: /chunked-encoding/ }, undici: { code: 'HTTPParserError', message: /Invalid character in chunk size/ }, node: 0 },
    { fault: { type: 'bad-framing', kind: 'garbage' }, curl: { code: 1, message: /HTTP\/0\.9/ }, undici: { code: 'HTTPParserError' }, node: 0 },
    { fault: { type: 'bad-framing', kind: 'length-too-long', when: 'after' }, curl: { code: 18, message: /48 bytes remaining/ }, undici: { code: 'UND_ERR_SOCKET' }, node: 1 },
    { fault: { type: 'bad-framing', kind: 'bad-header' }, curl: { code: 8 }, undici: { code: 'HTTPParserError' } },
    { fault: { type: 'bad-framing', kind: 'bad-status-line' }, curl: { code: 1 }, undici: { code: 'HTTPParserError' } },
    { fault: { type: 'bad-framing', kind: 'length-too-short' }, curl: { code: 0, body: 'this' }, undici: { code: '', body: 'this' } },
    { fault: { type: 'bad-framing', kind: 'both-lengths' }, curl: { code: 0, body: 'hello' }, undici: { code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' } }
  ],
  'empty-reply': [
    { fault: { type: 'empty-reply' }, curl: { code: 52, message: /Empty reply from server/ }, undici: { code: 'UND_ERR_SOCKET' }, node: 0 },
    { fault: { type: 'empty-reply', when: 'after' }, curl: { code: 52 }, undici: { code: 'UND_ERR_SOCKET' }, node: 1 }
  ],
  stale: [{ fault: { type: 'stale' }, before: 1, curl: { ...fine, header: ['x-count', '1'] }, undici: { ...fineUndici, header: ['x-count', '1'] }, node: 0 }],
  'redirect-loop': [{ fault: { type: 'redirect-loop' }, curl: { code: 47, message: /Maximum \(\d+\) redirects followed/ }, undici: { code: '', status: 302, header: ['location', '/thing?a=1'] }, node: 0 }],
  'connection-close': [{ fault: { type: 'connection-close' }, curl: { ...fine, header: ['connection', 'close'] }, undici: { ...fineUndici, header: ['connection', 'close'] }, node: 1 }]
}

test('every http fault has its cases', async (t) => {
  t.strictSame(Object.keys(CASES).sort(), CATALOGUE.filter(({ layer }) => layer === 'http').map(({ type }) => type).sort())
})

for (const [type, cases] of Object.entries(CASES)) {
  test(`${type}: what curl and undici see`, async (t) => {
    if (!hasTools(t, 'curl')) return
    for (const { fault: spec, before = 0, post, node: asked, ...wanted } of cases) {
      for (const client of ['curl', 'undici'] as const) {
        let count = 0
        const node = await startHttpUpstream(t, (incoming, response) => {
          count++
          let got = ''
          incoming.on('data', (chunk) => { got += chunk }).on('end', () => {
            response.writeHead(200, { 'content-type': 'application/json', 'x-count': count, 'x-echo': incoming.headers['x-seen'] ?? '', ...(incoming.method === 'POST' ? {} : { 'content-length': BODY.length }) })
            if (incoming.method === 'POST') response.end(`got ${got}`)
            else response.end(BODY)
          })
        })
        const { port, fault, proxy } = await startProxy(t, { upstream: node.address })
        fault(spec)
        const agent = new Agent({ headersTimeout: 800, bodyTimeout: 800, connections: 1 })
        const ask = (): Promise<Seen> => client === 'curl' ? curl(port, post, type === 'redirect-loop') : undici(port, post, agent)
        for (let i = 0; i < before; i++) await ask()
        const already = count
        const seen = await ask()
        check(t, seen, wanted[client], `${client} ${JSON.stringify(spec)}`)
        if (asked !== undefined) {
          await eventually(() => count - already >= asked, () => `${count - already} of ${asked}`)
          t.equal(count - already, asked, `${client} ${JSON.stringify(spec)}: how often the node was asked`)
        }
        t.ok(proxy.faultViews()[0]!.counters.injected > 0, 'it says that it hit')
        await agent.destroy()
      }
    }
  })
}

function escape (text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function check (t: Test, seen: Seen, wanted: Check, name: string): void {
  const fits = (found: unknown, pattern: string | number | RegExp): boolean =>
    pattern instanceof RegExp ? pattern.test(String(found)) : found === pattern
  const shown = JSON.stringify({ ...seen, body: seen.body.slice(0, 80) })
  if (wanted.code !== undefined) t.ok(fits(seen.code, wanted.code), `${name}: code ${String(wanted.code)}`, { shown })
  if (wanted.message !== undefined) t.match(seen.message, wanted.message, `${name}: message`, { shown })
  if (wanted.status !== undefined) t.equal(seen.status, wanted.status, `${name}: status`, { shown })
  if (wanted.body !== undefined) t.ok(fits(seen.body, wanted.body), `${name}: body`, { shown })
  if (wanted.header !== undefined) t.ok(fits(seen.headers[wanted.header[0]], wanted.header[1]), `${name}: ${wanted.header[0]}`, { shown, headers: seen.headers })
  if (wanted.atLeast !== undefined) t.ok(seen.ms >= wanted.atLeast, `${name}: ${seen.ms} ms`)
}

function curl (port: number, post: string | undefined, follow: boolean): Promise<Seen> {
  const redirects = follow ? ['-L', '--max-redirs', '5'] : []
  const data = post === undefined ? [] : ['--data-binary', post]
  const args = ['-sS', '-i', '--max-time', '1.5', ...redirects, ...data, `http://127.0.0.1:${port}/thing?a=1`]
  const start = performance.now()
  return new Promise((resolve) => {
    execFile('curl', args, { encoding: 'latin1' }, (error, stdout, stderr) => {
      const split = stdout.indexOf('\r\n\r\n')
      const [first = '', ...lines] = stdout.slice(0, Math.max(0, split)).split('\r\n')
      resolve({
        code: error === null ? 0 : Number(error.code),
        message: stderr,
        status: Number(first.split(' ')[1] ?? 0),
        headers: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])),
        body: split === -1 ? '' : stdout.slice(split + 4),
        ms: performance.now() - start
      })
    })
  })
}

async function undici (port: number, post: string | undefined, dispatcher: Agent): Promise<Seen> {
  const start = performance.now()
  const seen: Seen = { code: '', message: '', status: 0, headers: {}, body: '', ms: 0 }
  try {
    const answer = await request(`http://127.0.0.1:${port}/thing?a=1`, { dispatcher, method: post === undefined ? 'GET' : 'POST', body: post })
    seen.status = answer.statusCode
    seen.headers = answer.headers
    seen.body = await answer.body.text()
  } catch (error) {
    seen.code = (error as NodeJS.ErrnoException).code ?? (error as Error).name
    seen.message = (error as Error).message
  }
  seen.ms = performance.now() - start
  return seen
}
