import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { launch, serve, until } from '../helpers/sidecar.ts'
import { hasTools } from '../helpers/tools.ts'
import { freePort } from '../helpers/port.ts'

// premortem as a user starts it, in front of servers as a user runs them, asked by clients that users use.

const PATH = `${process.env.PATH}:/usr/sbin`
const sh = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] })

test('curl through premortem to nginx gets the same bytes as without it', async (t) => {
  if (!hasTools(t, 'nginx', 'curl')) return
  const folder = t.testdir({ www: { 'a.txt': 'a'.repeat(100_000) } })
  const port = await freePort()
  mkdirSync(join(folder, 'tmp'))
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/tmp/${kind};`).join(' ')
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; worker_processes 1; master_process off; pid ${folder}/pid; error_log /dev/null;
events {} http { access_log off; ${temps} server { listen 127.0.0.1:${port};
  location / { root ${folder}/www; add_header X-MiXeD-Case yes; add_header B-First 1; add_header A-Second 2; }
  location /gone { return 404 "nothing\\n"; } location /empty { return 204; } } }`)
  launch(t, 'nginx', ['-p', folder, '-e', '/dev/null', '-c', join(folder, 'nginx.conf')])
  const { listen, client } = await serve(t, folder, [{ name: 'web', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${port}` }])
  await until(() => { try { sh('curl', '-sf', `http://127.0.0.1:${port}/a.txt`); return true } catch { return false } })

  // The Host header says the same to both, and the date may tick over in between.
  const ask = (address: string, ...args: string[]): string =>
    sh('curl', '-si', '-H', 'Host: shop', ...args).replaceAll('ADDRESS', address).replace(/^Date: .*$/m, 'Date: now')
  const both = (name: string, path: string, ...args: string[]): void => {
    const direct = ask(`127.0.0.1:${port}`, ...args, `http://127.0.0.1:${port}${path}`)
    const through = ask(listen.web!, ...args, `http://${listen.web!}${path}`)
    t.equal(through, direct, name)
    t.match(direct, /^HTTP\/1\.[01] \d{3}/, 'and that is a response')
  }
  both('a file', '/a.txt')
  both('a range of it', '/a.txt', '-r', '10-20')
  both('its head', '/a.txt', '-I')
  both('not found', '/gone')
  both('no content', '/empty')
  both('http/1.0', '/a.txt', '--http1.0')
  both('a body sent in chunks', '/gone', '-H', 'Transfer-Encoding: chunked', '-d', 'hello')
  t.match(ask(listen.web!, `http://${listen.web!}/a.txt`), /X-MiXeD-Case: yes\r\nB-First: 1\r\nA-Second: 2/, 'order and case are the server\'s')

  const { totals } = await client.snapshot('web')
  t.equal(totals.exchanges, 8, 'each was observed once')
  t.equal(totals.outcomes.complete, 8)
})

test('Redis behind a tcp proxy: a benchmark passes, a latency of 100 ms is 100 ms, and ends with its lease', async (t) => {
  if (!hasTools(t, 'redis-server', 'redis-benchmark', 'redis-cli')) return
  const folder = t.testdir({})
  const port = await freePort()
  launch(t, 'redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder])
  await until(() => { try { return sh('redis-cli', '-p', String(port), 'ping') === 'PONG\n' } catch { return false } })
  const { listen, client, control } = await serve(t, folder, [{ name: 'redis', listen: '127.0.0.1:0', protocol: 'tcp', upstream: `127.0.0.1:${port}` }])
  const through = listen.redis!.split(':')[1]!

  const benchmark = sh('redis-benchmark', '-q', '-n', '20000', '-p', through, '-t', 'ping,set,get,lpush')
  t.equal(benchmark.match(/requests per second/g)?.length, 5, 'every test of the benchmark came to its end')
  t.notMatch(benchmark, /error/i)
  const { totals } = await client.snapshot('redis')
  t.match(totals.outcomes, { reset: undefined, refused: undefined }, 'no connection failed')

  // A ping's time as redis-cli measures it, in milliseconds.
  const ping = (): number => {
    const [, , average] = sh('timeout', '1.5', 'sh', '-c', `redis-cli -p ${through} --latency --raw & sleep 1; kill -INT $!; wait $! || true`).trim().split(/\s+/).map(Number)
    return average!
  }
  const before = ping()
  const added = JSON.parse(sh('curl', '-sf', '-X', 'POST', `${control}/v1/proxies/redis/faults`, '-H', 'content-type: application/json',
    '-d', '{"type":"latency","latency":"100ms","ttl":"3s"}')) as { id: string, expiresAt: string, revision: number }
  t.match(added, { id: 'latency-1', expiresAt: /^\d{4}-/, revision: 1 })
  const during = ping()
  t.ok(during - before >= 99 && during - before < 115, `pings took ${before} ms, then ${during} ms`)
  await until(async () => (await client.faults('redis')).length === 0, 5000)
  t.ok(ping() < 50, 'the fault is gone by itself')
})
