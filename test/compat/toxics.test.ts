import { readFile, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import { openRaw } from '../helpers/raw.ts'
import type { Raw } from '../helpers/raw.ts'
import { startUpstream } from '../helpers/upstream.ts'
import { startServer } from './server.ts'
import type { Server } from './server.ts'

const PAGE = new URL('../../docs/toxiproxy.md', import.meta.url)
const TABLE = /(?<=<!-- toxics: UPDATE_DOCS=1 npx tap run test\/compat\/toxics\.test\.ts -->\n\n)[^]*?(?=\n\n<!-- \/toxics -->)/

const PHASES = ['added before connect', 'added live', 'updated live', 'removed live'] as const

/** What a client may measure. */
interface Bound { least: number, most: number, unit: string }

interface Row {
  toxic: string
  /** What is measured, for people. */
  measures: string
  attributes: Record<string, number>
  /** What `updated live` begins with. */
  before: Record<string, number>
  bound: Bound
  /** Once the toxic is gone. */
  after: Bound
  /** Which of several is taken: lateness is the machine's, so the least of waits. */
  pick: 'least' | 'median' | 'most'
  measure (raw: Raw, t: Test): Promise<number>
  /** Measures with the toxic at work until `remove` is called; the same as `measure` after it if left out. */
  removed? (raw: Raw, remove: () => Promise<void>, t: Test): Promise<number>
}

const since = (start: number): number => performance.now() - start

async function roundTrip (raw: Raw): Promise<number> {
  const start = performance.now()
  await raw.send('e').take((text) => text === 'e')
  return since(start)
}

/** The least of several: the first one of a connection has the dialling in it. */
async function leastTrip (raw: Raw): Promise<number> {
  return Math.min(await roundTrip(raw), await roundTrip(raw), await roundTrip(raw))
}

/** Bytes a second divided by 1000, from arrival to arrival, after `settle` ms and over `span` ms. */
async function rate (raw: Raw, settle: number, span: number): Promise<number> {
  const arrivals: { at: number, bytes: number }[] = []
  raw.socket.on('data', (chunk: Buffer) => { arrivals.push({ at: performance.now(), bytes: chunk.length }) })
  raw.send('f')
  await sleep(settle)
  arrivals.length = 0
  await sleep(span)
  const [first, ...rest] = arrivals
  if (first === undefined || rest.length === 0) return 0
  return rest.reduce((sum, { bytes }) => sum + bytes, 0) / (rest.at(-1)!.at - first.at)
}

/** How long until the connection ends, after something was done; and that it ended in this way. */
async function ending (raw: Raw, t: Test, code: string | null, act: () => unknown): Promise<number> {
  const start = performance.now()
  await act()
  const end = await raw.over
  t.equal(end.code, code)
  return since(start)
}

async function pieces (raw: Raw): Promise<number[]> {
  const sizes: number[] = []
  raw.socket.on('data', (chunk: Buffer) => { sizes.push(chunk.length) })
  await raw.send('e'.repeat(1024)).take((text) => text.length === 1024)
  return sizes
}

const ms = (least: number, most: number): Bound => ({ least, most, unit: 'ms' })

const ROWS: Row[] = [
  {
    toxic: '`latency` 100 ms', measures: 'round trip, 100 ± 3 ms; 3 ms at most without', pick: 'least',
    attributes: { latency: 100 }, before: { latency: 20 }, bound: ms(97, 103), after: ms(0, 3), measure: leastTrip
  },
  {
    toxic: '`bandwidth` 1000 KB/s', measures: 'rate over 2 s, within 1 %; tenfold at least without', pick: 'median',
    attributes: { rate: 1000 }, before: { rate: 100 },
    bound: { least: 990, most: 1010, unit: 'KB/s' }, after: { least: 10_000, most: Infinity, unit: 'KB/s' },
    measure: (raw) => rate(raw, 200, 2000),
    async removed (raw, remove) {
      await remove()
      return rate(raw, 100, 300)
    }
  },
  {
    toxic: '`bandwidth` 0', measures: 'bytes in 200 ms: none; when removed, how soon they come', pick: 'least',
    attributes: { rate: 0 }, before: { rate: 1000 }, bound: { least: 0, most: 0, unit: 'B' }, after: ms(0, 50),
    async measure (raw) {
      raw.send('e')
      await sleep(200)
      return raw.bytes.length
    },
    async removed (raw, remove) {
      raw.send('e')
      await sleep(50)
      const start = performance.now()
      await remove()
      await raw.take((text) => text === 'e')
      return since(start)
    }
  },
  {
    toxic: '`slow_close` 300 ms', measures: 'the upstream closes; when the client sees it', pick: 'least',
    attributes: { delay: 300 }, before: { delay: 10 }, bound: ms(297, 350), after: ms(0, 50),
    measure: (raw, t) => ending(raw, t, null, () => { raw.send('c') }),
    async removed (raw, remove, t) {
      raw.send('c')
      await sleep(50)
      return ending(raw, t, null, remove)
    }
  },
  {
    toxic: '`timeout` 300 ms', measures: 'bytes are lost; when the connection closes', pick: 'least',
    attributes: { timeout: 300 }, before: { timeout: 0 }, bound: ms(297, 350), after: ms(0, 50),
    async measure (raw, t) {
      const waited = await ending(raw, t, null, () => { raw.send('e') })
      t.equal(raw.bytes.length, 0)
      return waited
    },
    async removed (raw, remove, t) {
      raw.send('e')
      await sleep(50)
      const waited = await ending(raw, t, null, remove)
      t.equal(raw.bytes.length, 0)
      return waited
    }
  },
  {
    toxic: '`reset_peer` 100 ms', measures: '`ECONNRESET` after the first bytes; when removed in time none, and the round trip', pick: 'least',
    attributes: { timeout: 100 }, before: { timeout: 10_000 }, bound: ms(97, 150), after: ms(0, 50),
    measure: (raw, t) => ending(raw, t, 'ECONNRESET', () => { raw.send('e') }),
    async removed (raw, remove) {
      raw.send('e')
      await sleep(20)
      await remove()
      await sleep(150)
      return roundTrip(raw)
    }
  },
  {
    toxic: '`slicer` 64 ± 32 bytes, 10 ms', measures: 'pieces of 1024 bytes, 11 to 34; one or two without', pick: 'most',
    attributes: { average_size: 64, size_variation: 32, delay: 10_000 },
    before: { average_size: 512, size_variation: 0, delay: 0 },
    bound: { least: 11, most: 34, unit: 'pieces' }, after: { least: 1, most: 2, unit: 'pieces' },
    async measure (raw) {
      return (await pieces(raw)).length
    }
  },
  {
    toxic: '`limit_data` 100 bytes', measures: 'bytes of 250 that come before the end; all without', pick: 'median',
    attributes: { bytes: 100 }, before: { bytes: 10_000 }, bound: { least: 100, most: 100, unit: 'B' }, after: { least: 250, most: 250, unit: 'B' },
    async measure (raw, t) {
      await ending(raw, t, null, () => { raw.send('e'.repeat(250)) })
      return raw.bytes.length
    },
    async removed (raw, remove) {
      await remove()
      return (await raw.send('e'.repeat(250)).take((text) => text.length >= 250)).length
    }
  },
  {
    toxic: '`noop`', measures: 'round trip, 3 ms at most', pick: 'least',
    attributes: {}, before: {}, bound: ms(0, 3), after: ms(0, 3), measure: leastTrip
  }
]

/** Echoes what it gets; `f` floods, `c` closes. No letter begins an HTTP request, for which a proxy would wait. */
function serve (socket: Socket): void {
  const block = Buffer.alloc(64 * 1024)
  const flood = (): void => {
    while (!socket.destroyed && socket.write(block));
  }
  socket.on('data', (chunk) => {
    const command = chunk.toString('latin1', 0, 1)
    if (command === 'c') socket.end()
    else if (command === 'f') socket.on('drain', flood) && flood()
    else socket.write(chunk)
  })
  socket.on('end', () => { socket.end() })
}

async function measure (t: Test, server: Server, upstream: string, row: Row, phase: typeof PHASES[number]): Promise<number> {
  const { name, port } = await server.proxy(upstream)
  const type = /\w+/.exec(row.toxic)![0]
  const add = (attributes: Record<string, number>) => server.toxic(name, { name: 'x', type, attributes })
  const remove = () => server.remove(name, 'x')
  if (phase === 'added before connect') await add(row.attributes)
  const raw = await openRaw(t, port)
  if (phase !== 'added before connect') {
    await roundTrip(raw)
    await add(phase === 'updated live' ? row.before : row.attributes)
    if (phase === 'updated live') await server.update(name, 'x', row.attributes)
  }
  let measured: number
  if (phase !== 'removed live') measured = await row.measure(raw, t)
  else if (row.removed !== undefined) measured = await row.removed(raw, remove, t)
  else {
    await remove()
    measured = await row.measure(raw, t)
  }
  raw.socket.destroy()
  await server.call('DELETE', `/proxies/${name}`)
  return measured
}

const RUNS = 3

async function measured (t: Test, server: Server, upstream: string, row: Row, phase: typeof PHASES[number]): Promise<number> {
  const runs: number[] = []
  for (let i = 0; i < RUNS; i++) runs.push(await measure(t, server, upstream, row, phase))
  runs.sort((a, b) => a - b)
  return runs[{ least: 0, median: (RUNS - 1) / 2, most: RUNS - 1 }[row.pick]]!
}

const HEAD = ['toxic', 'what a client measures', ...PHASES]

const boundOf = (row: Row, phase: number): Bound => phase === PHASES.length - 1 ? row.after : row.bound

const within = (t: Test, value: number, { least, most, unit }: Bound, where: string): void => {
  t.ok(value >= least && value <= most, `${where}: ${value} ${unit}, from ${least} to ${most}`)
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

test('every toxic, set before and on a live connection, updated and removed: what a client measures', async (t) => {
  const server = await startServer(t)
  const upstream = await startUpstream(t, serve)
  const found: string[][] = []
  for (const row of ROWS) {
    const cells: string[] = []
    for (const [i, phase] of PHASES.entries()) {
      const bound = boundOf(row, i)
      const value = await measured(t, server, upstream.address, row, phase)
      within(t, value, bound, `${row.toxic}, ${phase}`)
      cells.push(`${value.toFixed(bound.unit === 'ms' ? 1 : 0)} ${bound.unit}`)
    }
    found.push([row.toxic, row.measures, ...cells])
  }
  const page = await readFile(PAGE, 'utf8')
  if (process.env.UPDATE_DOCS === '1') await writeFile(PAGE, page.replace(TABLE, [HEAD, HEAD.map(() => '---'), ...found].map(line).join('\n')))
})

test('the page has the same table, and its figures are within the bounds', async (t) => {
  const table = TABLE.exec(await readFile(PAGE, 'utf8'))?.[0] ?? ''
  const [head, , ...rows] = table.split('\n').map((text) => text.slice(2, -2).split(' | '))
  t.strictSame(head, HEAD)
  t.strictSame(rows.map(([toxic, measures]) => [toxic, measures]), ROWS.map(({ toxic, measures }) => [toxic, measures]))
  for (const [r, row] of ROWS.entries()) {
    for (const [i, phase] of PHASES.entries()) {
      const [figure, unit] = (rows[r]?.[i + 2] ?? '').split(' ')
      const bound = boundOf(row, i)
      t.equal(unit, bound.unit)
      within(t, Number(figure), bound, `${row.toxic}, ${phase}`)
    }
  }
})

test('toxicity is the share of connections', async (t) => {
  const server = await startServer(t)
  const upstream = await startUpstream(t, serve)
  const { name, port } = await server.proxy(upstream.address)
  const slow = async (toxicity: number): Promise<number> => {
    await server.toxic(name, { name: 'x', type: 'latency', toxicity, attributes: { latency: 300 } })
    const all = await Promise.all(Array.from({ length: 60 }, async () => roundTrip(await openRaw(t, port))))
    await server.remove(name, 'x')
    return all.filter((waited) => waited >= 299).length
  }
  t.equal(await slow(0), 0)
  t.equal(await slow(1), 60)
  // 99.9 % of all tosses of 60 coins.
  const half = await slow(0.5)
  t.ok(half >= 17 && half <= 43, `${half} of 60`)
})
