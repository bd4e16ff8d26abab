import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { TObject, TSchema } from 'typebox'
import { stringify } from 'yaml'
import { EXIT_CODES } from '../src/experiment/result.ts'
import { CATALOGUE } from '../src/faults/catalogue.ts'
import { faultSchema } from '../src/faults/envelope.ts'
import type { FaultType, TlsFaultType } from '../src/faults/fault.ts'
import { HandshakeMatchSchema, MatchSchema } from '../src/faults/match.ts'
import { ERRORS } from '../src/kernel/errors.ts'
import { describe } from '../src/kernel/schema.ts'
import { chaosToolkitPage } from './chaos-toolkit-page.ts'
import { guardrailsPage } from './guardrails-page.ts'

const NOTE = '<!-- Written by `npm run docs`; test/docs.test.ts compares it with the code. -->'

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string | number): string => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Each page by its path from here, as the code stands now. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'errors.md': errorsPage,
  'faults.md': faultsPage,
  'guardrails.md': guardrailsPage,
  'chaos-toolkit.md': () => `${NOTE}\n\n${chaosToolkitPage(table)}`
}

function errorsPage (): string {
  return `${NOTE}

# Errors

Every error that premortem names has a code. It stands in the \`code\` field of an API answer and of \`--json\` output, and
never comes to mean something else. Beside the message an error says, where it can: \`path\` (dotted, \`faults.0.delay\`),
\`found\`, \`wanted\`, \`hint\`, and for files \`file\`, \`line\` and \`column\`.

${table(['code', 'message', 'HTTP status', 'exit code', 'hint'], Object.entries(ERRORS).map(([code, { message, status, exit, hint }]) =>
    [`\`${code}\``, message, status, exit, hint]))}

## Exit codes of a run

A run that ends is no error, whatever it found out; its exit code says how it ended.

${table(['exit code', 'outcome'], Object.entries(EXIT_CODES).map(([outcome, exit]) => [exit, outcome]))}
`
}

interface Shown extends TSchema { description?: string, default?: unknown, properties?: Record<string, TSchema> }

function fields (schema: TObject, keys: readonly string[]): string {
  return table(['field', 'takes', 'default', 'meaning'], keys.flatMap((key) => rows(schema, key, '')))
}

// A mapping with fields of its own is shown by these: `select.after`.
function rows (schema: TObject, key: string, before: string): string[][] {
  const field = schema.properties[key] as Shown
  if (field.properties !== undefined) {
    return Object.keys(field.properties).flatMap((inner) => rows(field as unknown as TObject, inner, `${before}${key}.`))
  }
  const missing = schema.required?.includes(key) === true ? 'must be given' : ''
  const value = field.default === undefined ? missing : `\`${JSON.stringify(field.default)}\``
  return [[`\`${before}${key}\``, describe(field), value, field.description ?? '']]
}

const yaml = (faults: readonly object[]): string => `\`\`\`yaml\n${stringify(faults).trimEnd()}\n\`\`\``

function faultsPage (): string {
  const stream = CATALOGUE.find((type) => type.layer === 'stream')!
  const common = Object.keys(faultSchema(stream).properties)
    .filter((key) => key !== 'type' && key !== 'match' && !(key in stream.params.properties))
  return `${NOTE}

# Faults

A fault has a \`type\`, the fields that every fault has, and the parameters of its type, side by side. It is written the same
way in the config file, in an experiment, over REST and on the command line:

${yaml([{ type: 'delay', on: 'payments', delay: '500ms', jitter: '50ms', match: { method: 'POST', path: '/charge/**' }, share: '20%', ttl: '60s' }])}

Over REST it is the same in JSON, without \`on\`, which the path says:

\`\`\`sh
curl -X POST http://127.0.0.1:8474/v1/proxies/payments/faults -H 'content-type: application/json' \\
  -d '{"type":"delay","delay":"500ms","share":"20%","ttl":"60s"}'
\`\`\`

On the command line it is a type and its \`key=value\`. Lists are set apart by commas, mappings are reached by a dot or given as
JSON; \`premortem fault types\` lists the types, \`premortem fault types TYPE\` shows one:

\`\`\`sh
premortem fault add payments delay percentiles=p50=20ms,p99=2s match.method=POST share=20% ttl=60s
premortem fault add payments header set.x-tenant=nobody remove=authorization,cookie of=request
premortem fault add payments body 'merge={"price":null}'
\`\`\`

Durations are written \`500ms\`, \`2s\`, \`1m30s\`; sizes \`64KB\` (1000) or \`64KiB\` (1024); rates \`64KB/s\`; shares \`20%\`. Bare
numbers are milliseconds, bytes, bytes a second and fractions.

Http faults need a proxy with \`protocol: http\` or \`auto\`; stream faults act on any proxy. What tls faults need stands [below](#tls-faults).

## Fields of every fault

${fields(faultSchema(stream), common)}

## Whom a fault hits

Each request (of an http fault), connection (of a stream fault) or handshake (of a tls fault) goes through these in turn:

1. \`match\`: does it fit? Every field given must fit, and of a list one. Those that fit are numbered, from 1.
2. \`select\`: is it one of those wanted by their order?
3. \`by\` and \`share\`: is it hit by the dice? Under one seed the n-th that fits always gets the same answer; with \`by\`, the same
   client, name asked for, header or cookie does, on every connection and after a restart. \`replay\` is a list of numbers in their place.
4. \`max\`: are there few enough already?

\`existing\` is about the connections that are open when a fault begins: \`affect\` them too; \`reset\` them, so that clients
connect anew; \`drain\` them, which ends each after its exchange; or \`ignore\` them; tls faults have [words of their own](#tls-faults). \`mode: shadow\` counts whom it would hit and
touches nothing. GET /v1/proxies/PROXY/decisions says what was decided about the last thousand, and why.

The third request and the two after it, then no more:

${yaml([{ type: 'status', status: 503, select: { after: 2, for: 3 } }])}

Every tenth connection from one network, at most five at a time:

${yaml([{ type: 'timeout', match: { client: '10.1.0.0/16' }, select: { every: 10 }, max: { concurrent: 5 } }])}

One user in five, always the same ones:

${yaml([{ type: 'delay', delay: '2s', share: '20%', by: 'cookie:session' }])}

Successful answers in JSON only. A fault that looks at the response must act on it, and not before:

${yaml([{ type: 'body', merge: { items: [] }, match: { path: '/search', status: '2xx', 'response-header': { 'content-type': 'application/json*' } } }])}

What was hit last time, once more:

${yaml([{ type: 'abort', replay: [3, 7, 19] }])}

\`match\` of http faults; stream faults have \`client\` alone, which is all that a connection shows:

${fields(MatchSchema, Object.keys(MatchSchema.properties))}

\`match\` of tls faults:

${fields(HandshakeMatchSchema, Object.keys(HandshakeMatchSchema.properties))}

${tlsWords()}

## Types

${CATALOGUE.map(({ type, doc }) => `- [${type}](${anchor(type)}): ${doc.summary}`).join('\n')}

${CATALOGUE.map(faultSection).join('\n\n')}

## Coming from other tools

What other tools have, and the fault that does it here. What each cannot do stands in its section.

${comingFrom().join('\n\n')}
`
}

/** Where the section of a type is: GitHub leaves slashes out. */
const anchor = (type: string): string => `#${type.replaceAll('/', '')}`

/** What `needs` means, in words. */
const NEEDS: Readonly<Record<TlsFaultType['needs'], string>> = {
  peek: 'It needs to see the ClientHello only.',
  terminate: 'It needs a proxy that holds the server\'s end of TLS.',
  present: 'It needs a proxy that has a client certificate of its own for the node.'
}

function tlsWords (): string {
  const certificates = CATALOGUE.filter(({ params }) => 'realism' in params.properties).map(({ type }) => `[${type}](${anchor(type)})`)
  return `## Tls faults

A tls fault acts on handshakes: on a connection whose first bytes are a ClientHello. Each asks for one of three things:

${table(['needs', 'meaning', 'faults'], Object.entries(NEEDS).map(([needs, meaning]) => [`\`${needs}\``, meaning.replace(/^It needs/, 'needs'),
    CATALOGUE.filter((type) => type.layer === 'tls' && type.needs === needs).map(({ type }) => `[${type}](${anchor(type)})`).join(', ')]))}

\`existing\`, about connections that are open, has words of its own here, since their handshakes are over: \`keep\` (the same as
\`ignore\`) leaves them; \`drain\`, when nobody says, ends each after its exchange; \`cut\` (the same as \`reset\`) resets them. A client
that keeps its connection alive shakes hands once for many requests, so a share of handshakes is no share of requests.

The faults that show another certificate are ${certificates.join(', ')}. Two
things keep clients from seeing it: connections that stay open, and sessions that are resumed, which skips the certificate.
\`realism\` says how it is to be:

- \`incident\`, when nobody says: open connections are drained and no session of before is resumed. Everybody meets the
  certificate, as after a restart or a reload.
- \`natural\`: open connections stay (\`existing: keep\`) and sessions are resumed (\`resumption: keep\`), as when a certificate lapses
  while the service runs. The outage grows as connections turn over.

\`existing\` and \`resumption\` can each be said otherwise. Where a proxy passes TLS through unread, it holds the server's end for
the connections that such a fault hits, and for those only.

Some faults go by other names too, which are the labels of badssl.com: \`tls/wrong.host\` is [tls/wrong-host](${anchor('tls/wrong-host')}), \`tls/rc4\` is
[tls/no-common-cipher](${anchor('tls/no-common-cipher')}). They can be written wherever a type can;
[the table](#coming-from-badsslcom) has them all.

One handshake in ten for one name, always of the same clients:

${yaml([{ type: 'tls/expired', match: { sni: '*.payments.internal' }, share: '10%', by: 'client' }])}

What a certificate that lapses tonight does to who is connected already:

${yaml([{ type: 'tls/expired', ago: '1s', realism: 'natural', ttl: '1h' }])}`
}

function faultSection (type: FaultType): string {
  const keys = Object.keys(type.params.properties)
  return `### ${type.type}

${type.doc.summary} ${actsWords(type)}${toxicWords(type)}${aliasWords(type)}

${keys.length === 0 ? 'It has no parameters.' : fields(type.params, keys)}

${yaml([type.doc.example])}

What a client sees:

- curl: ${type.doc.seen.curl}
- Node: ${type.doc.seen.node}

Limits: ${type.doc.limits}`
}

function actsWords (type: FaultType): string {
  switch (type.layer) {
    case 'http': return 'On http exchanges.'
    case 'tls': return `On TLS handshakes. ${NEEDS[type.needs]}`
    case 'stream': return `On the byte stream, \`direction\` \`${type.direction}\` and \`existing\` \`${String(type.existing ?? 'affect')}\` when nobody says.`
  }
}

function aliasWords (type: FaultType): string {
  const names = type.layer === 'tls' ? Object.keys(type.aliases ?? {}) : []
  return names.length === 0 ? '' : ` Also called ${names.map((name) => `\`${name}\``).join(', ')}.`
}

function toxicWords (type: FaultType): string {
  if (type.layer !== 'stream' || type.toxic === undefined) return ''
  return ` Toxiproxy's toxic \`${type.toxic.type}\` (${Object.keys(type.toxic.attributes).join(', ')}) is this fault.`
}

function comingFrom (): string[] {
  const rowsOf = new Map<string, string[][]>()
  for (const known of CATALOGUE) {
    const { doc, type } = known
    // The other names of tls faults are badssl.com's labels.
    const labels = known.layer === 'tls' ? Object.entries(known.aliases ?? {}) : []
    const named = labels.map(([name, params]) => ({ tool: 'badssl.com', what: `\`${name.replace('tls/', '')}\``, as: { type, ...params } }))
    for (const { tool, what, as } of [...doc.like ?? [], ...named]) {
      const here = stringify(as, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()
      rowsOf.set(tool, [...rowsOf.get(tool) ?? [], [what, `\`${here}\``, `[${type}](${anchor(type)})`]])
    }
  }
  return [...rowsOf].map(([tool, found]) => `### Coming from ${tool}\n\n${table([tool, 'here', 'see'], found)}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, page] of Object.entries(PAGES)) await writeFile(new URL(name, import.meta.url), page())
}
