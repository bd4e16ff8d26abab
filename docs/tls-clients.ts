import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Test } from 'tap'
import { CATALOGUE } from '../src/faults/catalogue.ts'
import type { FaultSpec } from '../src/faults/envelope.ts'
import { startClient } from '../test/helpers/tls-clients.ts'
import type { ClientName, Newest, Target } from '../test/helpers/tls-clients.ts'
import { MODES, startScene } from '../test/helpers/tls-scene.ts'
import type { Mode } from '../test/helpers/tls-scene.ts'

/** The clients of the table: heading, and who that is. */
const COLUMNS: readonly (readonly [heading: string, client: ClientName])[] = [
  ['https', 'https fresh'], ['fetch', 'fetch'], ['undici', 'undici'], ['curl', 'curl'], ['openssl s_client', 'openssl'], ['Python', 'python']
]

const VERSIONS = ['TLSv1.3', 'TLSv1.2'] as const satisfies Newest[]

/** What else a fault can be, beside its example. */
const FURTHER: readonly FaultSpec[] = [
  { type: 'tls/untrusted-root', 'send-root': true },
  { type: 'tls/close', when: 'server-hello' },
  { type: 'tls/reset', when: 'hello' },
  { type: 'tls/reset', when: 'data', after: '10KB' },
  { type: 'tls/alert', alert: 'certificate_expired' },
  { type: 'tls/upstream-client-certificate', shows: 'missing' }
]

/** Each fault of the table, as its example has it, for everybody. */
export const EXAMPLES: readonly FaultSpec[] = CATALOGUE.filter(({ layer }) => layer === 'tls').flatMap(({ type, doc }) => {
  const { share: _, match: __, realism: ___, delay, ...example } = doc.example as FaultSpec
  return [{ ...example, ...delay === undefined ? {} : { delay: '200ms' } }, ...FURTHER.filter((further) => further.type === type)]
})

const plain = (value: unknown): string => typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : String(value)

function nameOf ({ type, ...params }: FaultSpec): string {
  const link = `[${type}](faults.md#${type.replaceAll('/', '')})`
  return [link, ...Object.entries(params).map(([key, value]) => `\`${key}: ${plain(value)}\``)].join(' ')
}

/** How each is called in the table. */
export const NAMES: readonly string[] = EXAMPLES.map(nameOf)

/** What a client reports, by the newest version it offers. */
export type Seen = Partial<Record<Newest, string>>

/** Lets every client meet every fault that goes with a mode: by name of the fault and heading of the client. */
export async function see (t: Test, mode: Mode): Promise<Map<string, Map<string, Seen>>> {
  const scene = await startScene(t, mode, { mutual: mode === 'own CA' })
  const { port, trust, own } = scene
  const start = (target: Target) => COLUMNS.flatMap(([heading, client]) =>
    VERSIONS.map((version) => ({ heading, version, client: startClient(t, client, target, version) })))
  const clients = start({ port, trust })
  const found = new Map<string, Map<string, Seen>>()
  for (const fault of EXAMPLES) {
    const type = CATALOGUE.find(({ type }) => type === fault.type)!
    if (mode === 'passthrough' && type.layer === 'tls' && type.needs !== 'peek') continue
    const { id } = await scene.begin(fault)
    const row = new Map<string, Seen>(COLUMNS.map(([heading]) => [heading, {}]))
    // Connections are not kept, so that each fault is met by a handshake.
    const asked = fault.type === 'tls/client-certificate-rejected' ? start({ port, trust, own }) : clients
    for (const some of VERSIONS.map((version) => asked.filter((client) => client.version === version))) {
      await Promise.all(some.map(async ({ heading, version, client }) => { row.get(heading)![version] = await client.ask('/close') }))
    }
    scene.proxy.removeFault(id)
    found.set(nameOf(fault), row)
  }
  return found
}

/** What is said of a mode and version that differ from the first of them. */
const QUALIFIED = (mode: Mode, version: Newest): string =>
  [...mode === 'own CA' ? [] : ['passthrough'], ...version === 'TLSv1.3' ? [] : ['TLS 1.2']].join(', ')

function cell (seen: ReadonlyMap<Mode, Seen>): string {
  const parts = new Map<string, string>()
  for (const [mode, versions] of seen) {
    for (const version of VERSIONS) {
      const words = versions[version]!
      if (lookUp(parts, mode, version) !== words) parts.set(QUALIFIED(mode, version), words)
    }
  }
  return [...parts].map(([qualified, words]) => `${qualified}${qualified === '' ? '' : ': '}\`${words}\``).join('; ')
}

// The most particular that is said.
function lookUp (parts: ReadonlyMap<string, string>, mode: Mode, version: Newest): string | undefined {
  return parts.get(QUALIFIED(mode, version)) ?? parts.get(QUALIFIED(mode, 'TLSv1.3')) ?? parts.get(QUALIFIED('own CA', version)) ?? parts.get('')
}

/** The cells of each row of the page, by the fault's name and the client's heading. */
export function parsePage (page: string): Map<string, Map<string, string>> {
  const rows = [...page.matchAll(/^\| (.*) \|$/gm)].map(([, cells]) => cells!.split(' | '))
  return new Map(rows.slice(2).map(([name, ...cells]) => [name!, new Map(COLUMNS.map(([heading], i) => [heading, cells[i] ?? '']))]))
}

/** What the page says that a client reports. */
export function wordsOf (row: ReadonlyMap<string, string>, heading: string, mode: Mode, version: Newest): string {
  const found = row.get(heading)!.matchAll(/(?:^|; )(?:([^`;]*): )?`([^`]*)`/g)
  const parts = new Map([...found].map(([, qualified, words]) => [qualified ?? '', words!]))
  return lookUp(parts, mode, version) ?? ''
}

const firstLine = (program: string, ...argv: string[]): string =>
  spawnSync(program, argv, { encoding: 'utf8' }).stdout.split('\n')[0]!.trim()

async function page (t: Test): Promise<string> {
  const seen = new Map<Mode, Map<string, Map<string, Seen>>>()
  for (const mode of MODES) seen.set(mode, await see(t, mode))
  const rows = NAMES.map((name) => {
    const found = [...seen].flatMap(([mode, rows]) => rows.has(name) ? [[mode, rows.get(name)!] as const] : [])
    return [name, ...COLUMNS.map(([heading]) => cell(new Map(found.map(([mode, row]) => [mode, row.get(heading)!]))))]
  })
  const head = ['fault', ...COLUMNS.map(([heading]) => heading)]
  const { node, openssl } = process.versions
  const note = 'Written by `node --import=@tapjs/typescript/import docs/tls-clients.ts`; ' +
    'test/e2e/tls-faults.test.ts holds it against what clients report.'
  return `<!-- ${note} -->

# What clients report of tls faults

Measured with Node ${node} (OpenSSL ${openssl}): \`https\`, the built-in \`fetch\` (\`cause.code\` of its error) and undici's \`request\`;
${firstLine('curl', '--version').replace(/ \(.*/, '')}; ${firstLine('openssl', 'version').replace(/ \d+ \w+ \d+.*/, '')} (\`-verify_return_error\`); ${firstLine('python3', '--version')} (\`http.client\`).

Clients asked once on a connection of their own (\`connection: close\`), and showed a certificate of their own to tls/client-certificate-rejected
only; but for \`fetch\`, which cannot without a dispatcher. The node is Node's: in TLS 1.3 it turns our certificate down by closing, without an alert;
for nodes that send one see \`502\` in [faults.md](faults.md#tlsupstream-client-certificate).

\`ok\` is an answer, and so is a number, which is its status. \`timeout\` is the client's own, of 2.5 s: curl's \`--max-time\`, an \`AbortSignal\`,
Python's \`timeout\`. Numbers of \`openssl s_client\` are verify codes; curl's are exit codes, with what it says.

What stands first was seen with a CA of premortem's own that the client trusts (\`terminate: ca\`, \`originate\`), over TLS 1.3. What differs from that
is said behind it: \`TLS 1.2\`, for a client that offers no newer version; \`passthrough\`, for a proxy that passes bytes unread until the fault, whose
CA the client does not know. Then OpenSSL's own clients name the unknown issuer, while Node names what is wrong with the certificate.

OpenSSL 3.5, with Node 22.23 and 24, spells \`ERR_SSL_SSLV3_ALERT_X\` and \`ERR_SSL_TLSV1_ALERT_X\` as \`ERR_SSL_SSL/TLS_ALERT_X\`: look for the end of a code.

${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`
}

/** Stands for tap's test where there is none. */
async function withTest (use: (t: Test) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'premortem-'))
  const ends: (() => unknown)[] = [() => rm(folder, { recursive: true })]
  const t: Pick<Test, 'teardown' | 'testdir'> = {
    teardown: (end: () => unknown) => { ends.unshift(end) },
    testdir: (() => folder) as Test['testdir']
  }
  try {
    await use(t as Test)
  } finally {
    for (const end of ends) await end()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await withTest(async (t) => { await writeFile(new URL('tls-clients.md', import.meta.url), await page(t)) })
}
