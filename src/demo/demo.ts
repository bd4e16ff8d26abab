import { DEFAULT_CONTROL } from '../config/schema.ts'
import type { Config } from '../config/schema.ts'
import type { ExperimentDocument } from '../experiment/document.ts'
import type { RunResult } from '../experiment/result.ts'
import type { RunView } from '../experiment/runs.ts'
import { createSystemClock } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import { createRandom } from '../kernel/random.ts'
import { parseDuration } from '../kernel/units.ts'
import { Premortem } from '../premortem.ts'
import { UNPROTECTED } from '../proxy/protection.ts'
import { decodeProxy, parseAddress } from '../proxy/spec.ts'
import type { Look } from '../report/renderer.ts'
import { FILES, FULL, QUICK, adapt, breaksTls, loadDocument } from './experiments.ts'
import type { Pace } from './experiments.ts'
import { startShop } from './shop.ts'
import type { Shop, ShopOptions } from './shop.ts'
import { closing, introduction, playTitle, runReport } from './story.ts'
import type { Play, Played } from './story.ts'

/** The same figures each time, as far as a busy machine allows. */
export const SEED = 42

/** How many calls a shop gets before the first of a run. */
const FIRST = 5

/** What `premortem demo` is given. */
export interface DemoOptions {
  quick: boolean
  /** Takes text for people. */
  out: (text: string) => void
  color: boolean
  dataFolder: string
  width?: number
  unicode?: boolean
  /** Shows a run as it goes, until the returned function is called. */
  live?: (read: () => RunView | undefined, lengths: Readonly<Record<string, number>>) => () => void
  /** When aborted, the run in progress is interrupted, its faults are removed, and the demo ends. */
  signal?: AbortSignal
}

/**
 * Breaks a small shop in three ways, each time the naive shop and the resilient one. The exit code is 0 if the naive
 * shop breached and the resilient one held, 130 if it was interrupted, and 1 otherwise, with an explanation.
 */
export async function runDemo (options: DemoOptions): Promise<number> {
  const { quick, out, color, width = 80, unicode = false, signal } = options
  const look: Look = { color, width: Math.min(width, 100), unicode }
  const pace = quick ? QUICK : FULL
  const clock = createSystemClock()
  const documents = await Promise.all(FILES.map((file) => loadDocument(file)))
  const plays: Play[] = documents.flatMap((document) => [{ document, resilient: false }, { document, resilient: true }])
  out(introduction(pace, plays.length, look))
  const played: Played[] = []
  for (const [i, play] of plays.entries()) {
    if (signal?.aborted) return 130
    out(playTitle(i + 1, plays.length, play, look))
    const result = await runPlay(play, pace, clock, options)
    if (result.outcome === 'interrupted') return 130
    played.push({ ...play, result })
    out(runReport(result, look))
  }
  const end = closing(played, look)
  out(end.text)
  return end.asExpected ? 0 : 1
}

function runPlay ({ document, resilient }: Play, pace: Pace, clock: Clock, options: DemoOptions): Promise<RunResult> {
  const lengths = Object.fromEntries(Object.entries(pace.phases).map(([phase, length]) => [phase, parseDuration(length)]))
  const experiment: Staged = { adapted: (edge) => adapt(document, pace, edge), secure: breaksTls(document), lengths }
  return runInShop({ resilient, clock, random: createRandom(SEED) }, experiment, options)
}

/** An experiment for a shop, whose edge is at an address that is known only once it stands. */
export interface Staged {
  adapted: (edge: string) => ExperimentDocument
  /** Whether the shop must speak TLS. */
  secure: boolean
  /** How long its phases are, in milliseconds. */
  lengths: Readonly<Record<string, number>>
}

/** Runs an experiment on a shop of its own, behind a premortem of its own. */
export async function runInShop (
  shopOptions: ShopOptions, { adapted, secure, lengths }: Staged, { dataFolder, live, signal }: DemoOptions
): Promise<RunResult> {
  const shop = await startShop(shopOptions)
  try {
    const { clock } = shopOptions
    const premortem = new Premortem(shopConfig(shop, dataFolder, secure), { clock, control: false, seed: SEED })
    try {
      await premortem.start()
      const { rootPem = undefined } = secure ? await premortem.identities() : {}
      shop.connect(addressOf(premortem, 'payments'), rootPem)
      await warmUp(shop)
      const { id } = await premortem.runs.start(adapted(addressOf(premortem, 'edge')), { seed: SEED })
      const interrupt = (): void => { premortem.runs.abort(id, String(signal?.reason), 'interrupted') }
      signal?.addEventListener('abort', interrupt, { once: true })
      const hide = live?.(() => premortem.runs.view(id), lengths)
      try {
        return await premortem.runs.result(id)
      } finally {
        hide?.()
        signal?.removeEventListener('abort', interrupt)
      }
    } finally {
      await premortem.stop()
    }
  } finally {
    await shop.stop()
  }
}

/** The first calls of a process load and compile what later ones use, and handshakes take longest then. */
async function warmUp ({ edge }: Shop): Promise<void> {
  for (let i = 0; i < FIRST; i++) await (await fetch(`http://${edge}/checkout`)).text()
}

/** premortem in front of a shop, on free ports of loopback; `secure`: payments has a certificate, of premortem's own CA. */
function shopConfig (shop: Shop, data: string, secure: boolean): Config {
  const listen = '127.0.0.1:0'
  const tls = secure ? { tls: { terminate: 'ca' as const } } : {}
  return {
    control: { ...parseAddress(DEFAULT_CONTROL, '', 0), tokens: {} },
    data,
    seed: SEED,
    ca: { folder: undefined, names: [] },
    protection: UNPROTECTED,
    proxies: [
      decodeProxy({ name: 'edge', listen, protocol: 'http', upstream: shop.edge }),
      decodeProxy({ name: 'payments', listen, protocol: 'http', ...tls, upstream: shop.payments.map(({ name, address }) => `${name}=${address}`) })
    ],
    toxiproxy: [],
    sidecars: [],
    schedule: [],
    file: undefined
  }
}

function addressOf (premortem: Premortem, proxy: string): string {
  const { host, port } = premortem.proxies.get(proxy).address
  return `${host}:${port}`
}
