import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compare, perRequest, perWarmRequest, print } from './compare.ts'
import type { Measure } from './compare.ts'
import { peers, premortem, startUpstream } from './peers.ts'
import { handshakes, installed, warmWrk, wrk } from './process.ts'
import type { LoadOptions } from './process.ts'
import { makeCertificate, passing, startTlsUpstream, terminating } from './tls.ts'
import type { KeyKind } from './tls.ts'

// Measures what a proxied request, connection and byte cost in each contender, in turn, several rounds in one run.
// Prints medians and ratios; absolute times say something about the machine, ratios about the proxies.
// --rounds N, --seconds N, --quick, --only PART (may be given several times): request, fault, connection, bulk,
// tls-connection, tls-request, tls-passthrough

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true }
  }
})
const rounds = values.quick ? 3 : Number(values.rounds)
const seconds = values.quick ? 1 : Number(values.seconds)
const wanted = (part: string): boolean => values.only === undefined || values.only.includes(part)

for (const needed of ['nginx', 'wrk', 'openssl']) {
  if (installed(needed)) continue
  process.stderr.write(`the bench needs ${needed}: apt-get install nginx-light libnginx-mod-stream haproxy wrk openssl\n`)
  process.exit(2)
}

const load = (options: Omit<LoadOptions, 'seconds'> = {}): Measure => perRequest((port) => wrk(port, { seconds, ...options }))
// Opening 64 TLS connections can cost as much as the requests of a second.
const requesting = perWarmRequest((port, warm) => warmWrk(port, { seconds, scheme: 'https' }, warm))
const connecting = perRequest((port) => handshakes(port, { seconds }))

const folder = mkdtempSync(join(tmpdir(), 'premortem-bench-'))
process.env.PREMORTEM_BENCH_DATA = join(folder, 'data')
const upstream = await startUpstream(folder)
try {
  const http = premortem('premortem (http)', 'http')
  const tcp = premortem('premortem (tcp)', 'tcp')
  const others = peers(folder)
  process.stdout.write(`Node ${process.version}, ${cpus()[0]!.model}, ${cpus().length} cores, ${rounds} rounds of ${seconds} s; medians, ratios round by round\n`)

  if (wanted('request')) {
    const rows = await compare([http, tcp, ...others], upstream.port, rounds, load())
    const title = 'CPU per request, no fault: 1 KiB, 64 keep-alive connections (goal: at most 1.2x nginx; bar: 1.5x)'
    print(title, 'us', rows, ['nginx', 'haproxy', 'pipe', 'fastify-http-proxy'])
  }

  if (wanted('fault')) {
    const share = premortem('10 % get a 503', 'http', { fault: { type: 'status', status: 503, share: '10%' } })
    const delay = premortem('10 % wait 5 ms', 'http', { fault: { type: 'delay', delay: '5ms', share: '10%' } })
    const rows = await compare([http, share, delay], upstream.port, rounds, load())
    // What the fault asks for is not an error of the proxy.
    for (const row of rows) if (row.name === share.name) row.errors = 0
    print('CPU per request with a fault (goal: at most 1.25x idle)', 'us', rows, [http.name])
  }

  if (wanted('connection')) {
    // http-proxy's agent keeps connections, whatever the client asks for.
    const rows = await compare([http, tcp, ...others.filter(({ name }) => !name.includes('http-proxy'))], upstream.port, rounds, load({ close: true }))
    print('CPU per connection: one request each', 'us', rows, ['nginx', 'haproxy', 'pipe'])
  }

  if (wanted('bulk')) {
    const rows = await compare([http, tcp, ...others], upstream.port, rounds, (port) => {
      const { bytes, seconds: took, errors } = wrk(port, { seconds, connections: 2, path: '/bulk' })
      return { figure: bytes / took / 1e6, errors }
    })
    print('Bulk: 64 MiB responses, 2 connections (goal: at least 0.9x pipe)', 'MB/s', rows, ['pipe', 'nginx'])
  }

  for (const kind of ['RSA-2048', 'P-256'] satisfies KeyKind[]) {
    if (!wanted('tls-connection') && !wanted('tls-request') && !(kind === 'P-256' && wanted('tls-passthrough'))) continue
    const certificate = makeCertificate(folder, kind)
    const behind = await startTlsUpstream(folder, certificate)
    try {
      if (wanted('tls-connection')) {
        const rows = await compare(terminating(folder, certificate, false), behind.port, rounds, connecting)
        print(`CPU per TLS connection, ${kind}: full handshake with the client, resumed with the upstream, one request each (goal: at most 2x nginx)`, 'us', rows, ['nginx', 'haproxy'], 'handshakes')
      }
      if (wanted('tls-request')) {
        const rows = await compare(terminating(folder, certificate, true), behind.port, rounds, requesting)
        print(`CPU per request over TLS, ${kind}: 1 KiB, 64 keep-alive connections, TLS on both sides (goal: at most 1.5x nginx)`, 'us', rows, ['nginx', 'haproxy'], 'requests')
      }
      // What passes unread costs the same whatever the certificate.
      if (wanted('tls-passthrough') && kind === 'P-256') {
        const bases = ['nginx stream', 'haproxy tcp']
        const connections = await compare(passing(folder), behind.port, rounds, connecting)
        print('CPU per TLS connection passed through: one request each', 'us', connections, bases, 'handshakes')
        const requests = await compare(passing(folder), behind.port, rounds, requesting)
        print('CPU per request over TLS passed through: 1 KiB, 64 keep-alive connections', 'us', requests, bases, 'requests')
      }
    } finally {
      await behind.stop()
    }
  }
} finally {
  await upstream.stop()
  rmSync(folder, { recursive: true, force: true })
}
