import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { test } from 'tap'
import type { Test } from 'tap'
import { createSystemClock } from '../../../src/kernel/clock.ts'
import { Identities } from '../../../src/proxy/tls/identities.ts'
import { loadAuthority } from '../../../src/proxy/tls/store.ts'
import { hasTools } from '../../helpers/tools.ts'
import { cli } from '../harness.ts'

test('a CA is made for the hosts that are named, and what clients need is said', async (t) => {
  const dir = join(t.testdir({}), 'certs')
  const { code, out, err } = await cli(['ca', 'init', '--dir', dir, '--host', 'Payments.internal', '--host', '10.1.2.3', '--days', '30'])
  t.equal(code, 0, err)
  t.match(out, /vouches for payments\.internal, localhost, 127\.0\.0\.0\/8, ::1, 10\.1\.2\.3\n/)
  for (const word of ['NODE_EXTRA_CA_CERTS=', 'curl --cacert', 'REQUESTS_CA_BUNDLE=', 'SSL_CERT_FILE=', 'keytool -importcert', 'configmap']) {
    t.ok(out.includes(word), word)
  }
  t.equal(statSync(join(dir, 'root.key')).mode & 0o777, 0o600)
  const { notAfter } = loadAuthority(dir, createSystemClock())
  t.ok(out.includes(notAfter.toISOString()))
})

test('one that is there stays, unless --force is given', async (t) => {
  const dir = join(t.testdir({}), 'certs')
  const made = JSON.parse((await cli(['ca', 'init', '--dir', dir, '--host', 'a', '--json'])).out)
  t.match(made, { dir, files: [/root\.key$/, /root\.pem$/, /intermediate\.key$/, /intermediate\.pem$/], permits: ['a', 'localhost', '127.0.0.0/8', '::1'] })
  t.match(await cli(['ca', 'init', '--dir', dir, '--host', 'a']), { code: 2, err: /PMT_ERR_FILE_EXISTS.*--force/ })
  t.equal(JSON.parse((await cli(['ca', 'show', '--dir', dir, '--json'])).out).root.fingerprint256, made.fingerprint256)
  const again = JSON.parse((await cli(['ca', 'init', '--dir', dir, '--host', 'a', '--force', '--json'])).out)
  t.not(again.fingerprint256, made.fingerprint256)
})

test('hosts come from a configuration too', async (t) => {
  const folder = t.testdir({
    'premortem.yaml': [
      'ca: { names: [more.example] }', 'proxies:',
      '  - { name: a, listen: 127.0.0.1:0, upstream: "node.internal:1", tls: { terminate: ca, names: [pay.example] } }'
    ].join('\n')
  })
  const init = (...args: string[]) => cli(['ca', 'init', '--dir', join(folder, 'c'), '--config', join(folder, 'premortem.yaml'), '--force', '--json', ...args])
  t.same(JSON.parse((await init()).out).permits, ['node.internal', 'pay.example', 'more.example', 'localhost', '127.0.0.0/8', '::1'])
  t.match(JSON.parse((await init('--host', 'x.example')).out).permits, ['x.example', 'node.internal'], 'beside those that are named')
})

test('what is no host and no life is refused, before anything is written', async (t) => {
  const dir = join(t.testdir({}), 'certs')
  for (const days of ['0', '91', '1.5', 'a', '-1', '']) {
    t.match(await cli(['ca', 'init', '--dir', dir, '--host', 'a', `--days=${days}`]), { code: 2, err: /PMT_ERR_(INVALID|USAGE)/ }, days)
  }
  for (const host of ['https://a', 'a:1', 'a b', '*.a.b']) {
    t.match(await cli(['ca', 'init', '--dir', dir, '--host', host]), { code: 2, err: /PMT_ERR_INVALID: not a host; at --host/ }, host)
  }
  t.throws(() => statSync(dir), { code: 'ENOENT' })
})

// The lines that are printed, as far as their programs are here, against a server with a certificate of that CA.
async function served (t: Test): Promise<{ dir: string, url: string }> {
  const dir = join(t.testdir({}), 'a folder')
  await cli(['ca', 'init', '--dir', dir, '--host', 'a.example'])
  const clock = createSystemClock()
  const { cert, key } = await new Identities(loadAuthority(dir, clock), clock).identity({ host: 'localhost', since: new Date(clock.wall()) })
  const server = createServer({ cert, key }, (socket) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi')
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return { dir, url: `https://localhost:${(server.address() as AddressInfo).port}/` }
}

async function sh (command: string): Promise<{ status: number | null, text: string }> {
  const { spawn } = await import('node:child_process')
  const child = spawn('sh', ['-c', command], { env: { PATH: process.env.PATH, HOME: process.env.HOME } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text += chunk })
  const [status] = await once(child, 'close')
  return { status, text }
}

const NODE = '-e "fetch(process.argv[1]).then(async r => console.log(await r.text()), e => { console.log(e.cause.code); process.exit(1) })"'
const PYTHON = '-c "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"'

test('the lines for Node, curl and Python do what they say', async (t) => {
  if (!hasTools(t, 'curl', 'python3', 'openssl')) return
  const { dir, url } = await served(t)
  const { trust } = JSON.parse((await cli(['ca', 'init', '--dir', join(dir, 'x'), '--host', 'a', '--json'])).out)
  const lines: Record<string, string> = Object.fromEntries(Object.entries(trust).map(([who, { say }]: [string, any]) => [who, say.replaceAll(join(dir, 'x'), dir)]))
  t.equal((await cli(['ca', 'bundle', '--dir', dir, '--out', join(dir, 'bundle.pem')])).code, 0)
  t.match(await sh(`node ${NODE} ${url}`), { status: 1 }, 'not trusted without')
  t.match(await sh(`${lines.node!.replace('node app.js', `node ${NODE} ${url}`)}`), { status: 0, text: 'hi\n' })
  t.match(await sh(lines.curl!.replace('https://...', `-s ${url}`)), { status: 0, text: 'hi' })
  t.match(await sh(lines.python!.replace('python app.py', `python3 ${PYTHON} ${url}`)), { status: 0, text: 'hi\n' })
  t.equal(spawnSync('openssl', ['verify', '-CAfile', join(dir, 'bundle.pem'), join(dir, 'intermediate.pem')]).status, 0)
})
