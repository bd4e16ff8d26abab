import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { peers, premortem, startUpstream } from './peers.ts'
import type { Peer } from './peers.ts'
import { installed, wrk } from './process.ts'
import type { Running } from './process.ts'

// Measures what a proxied request, connection and byte cost in each contender, in turn, several rounds in one run.
// Prints medians and ratios; absolute times say something about the machine, ratios about the proxies.
// --rounds N, --seconds N, --quick, --only request|fault|connection|bulk (may be given several times)

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

for (const needed of ['nginx', 'wrk']) {
  if (installed(needed)) continue
  process.stderr.write(`the bench needs ${needed}: apt-get install nginx-light haproxy wrk\n`)
  process.exit(2)
}

type Measure = (port: number, cpu: () => number) => { figure: number, errors: number }

interface Row { name: string, figures: number[], errors: number }

/** One figure a round of each contender; all run side by side the whole time, one is loaded at a time. */
async function compare (contenders: Peer[], upstream: number, measure: Measure): Promise<Row[]> {
  const running: Running[] = []
  const rows: Row[] = contenders.map(({ name }) => ({ name, figures: [], errors: 0 }))
  try {
    for (const contender of contenders) running.push(await contender.start(upstream))
    // The first round warms up caches and compilers, and is thrown away.
    for (let round = 0; round <= rounds; round++) {
      for (const [i, contender] of running.entries()) {
        const { figure, errors } = measure(contender.port, contender.cpu)
        if (round > 0) rows[i]!.figures.push(figure)
        rows[i]!.errors += errors
      }
    }
  } finally {
    await Promise.all(running.map((contender) => contender.stop()))
  }
  return rows
}

const median = (figures: number[]): number => [...figures].sort((a, b) => a - b)[figures.length >> 1]!

// Ratios are taken round by round, so that a change of the machine's pace cancels out.
function ratio (row: Row, base: Row): number {
  return median(row.figures.map((figure, i) => figure / base.figures[i]!))
}

function print (title: string, unit: string, rows: Row[], bases: string[]): void {
  process.stdout.write(`\n${title}\n`)
  const found = bases.map((name) => rows.find((row) => row.name === name)).filter((row) => row !== undefined)
  const header = ['', unit, ...found.map((base) => `vs ${base.name}`), 'errors']
  const table = [header, ...rows.map((row) => [
    row.name, median(row.figures).toFixed(1), ...found.map((base) => `${ratio(row, base).toFixed(2)}x`), String(row.errors)
  ])]
  const widths = header.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  for (const line of table) process.stdout.write(`  ${line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join('  ')}\n`)
}

const perRequest = (options: { close?: boolean }) => (port: number, cpu: () => number) => {
  const before = cpu()
  const load = wrk(port, { seconds, ...options })
  return { figure: (cpu() - before) * 1e6 / load.requests, errors: load.errors }
}

const folder = mkdtempSync(join(tmpdir(), 'premortem-bench-'))
process.env.PREMORTEM_BENCH_DATA = join(folder, 'data')
const upstream = await startUpstream(folder)
try {
  const http = premortem('premortem (http)', 'http')
  const tcp = premortem('premortem (tcp)', 'tcp')
  const others = peers(folder)
  process.stdout.write(`Node ${process.version}, ${cpus()[0]!.model}, ${cpus().length} cores, ${rounds} rounds of ${seconds} s; medians, ratios round by round\n`)

  if (wanted('request')) {
    const rows = await compare([http, tcp, ...others], upstream.port, perRequest({}))
    const title = 'CPU per request, no fault: 1 KiB, 64 keep-alive connections (goal: at most 1.2x nginx; bar: 1.5x)'
    print(title, 'us', rows, ['nginx', 'haproxy', 'pipe', 'fastify-http-proxy'])
  }

  if (wanted('fault')) {
    const share = premortem('10 % get a 503', 'http', { type: 'status', status: 503, share: '10%' })
    const delay = premortem('10 % wait 5 ms', 'http', { type: 'delay', delay: '5ms', share: '10%' })
    const rows = await compare([http, share, delay], upstream.port, perRequest({}))
    // What the fault asks for is not an error of the proxy.
    for (const row of rows) if (row.name === share.name) row.errors = 0
    print('CPU per request with a fault (goal: at most 1.25x idle)', 'us', rows, [http.name])
  }

  if (wanted('connection')) {
    // http-proxy's agent keeps connections, whatever the client asks for.
    const rows = await compare([http, tcp, ...others.filter(({ name }) => !name.includes('http-proxy'))], upstream.port, perRequest({ close: true }))
    print('CPU per connection: one request each', 'us', rows, ['nginx', 'haproxy', 'pipe'])
  }

  if (wanted('bulk')) {
    const rows = await compare([http, tcp, ...others], upstream.port, (port) => {
      const load = wrk(port, { seconds, connections: 2, path: '/bulk' })
      return { figure: load.bytes / load.seconds / 1e6, errors: load.errors }
    })
    print('Bulk: 64 MiB responses, 2 connections (goal: at least 0.9x pipe)', 'MB/s', rows, ['pipe', 'nginx'])
  }
} finally {
  await upstream.stop()
  rmSync(folder, { recursive: true, force: true })
}
