import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { TObject, TSchema } from 'typebox'
import { stringify } from 'yaml'
import { EXIT_CODES } from '../src/experiment/result.ts'
import { CATALOGUE } from '../src/faults/catalogue.ts'
import { faultSchema } from '../src/faults/envelope.ts'
import type { FaultType } from '../src/faults/fault.ts'
import { MatchSchema } from '../src/faults/match.ts'
import { ERRORS } from '../src/kernel/errors.ts'
import { describe } from '../src/kernel/schema.ts'

const NOTE = '<!-- Written by `npm run docs`; test/docs.test.ts compares it with the code. -->'

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string | number): string => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Each page by its path from here, as the code stands now. */
export const PAGES: Readonly<Record<string, () => string>> = { 'errors.md': errorsPage, 'faults.md': faultsPage }

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

interface Shown extends TSchema { description?: string, default?: unknown, required?: string[] }

function fields (schema: TObject, keys: readonly string[]): string {
  return table(['field', 'takes', 'default', 'meaning'], keys.map((key) => {
    const field = schema.properties[key] as Shown
    const needed = schema.required?.includes(key) === true
    const missing = needed ? 'must be given' : ''
    return [`\`${key}\``, describe(field), field.default === undefined ? missing : `\`${JSON.stringify(field.default)}\``, field.description ?? '']
  }))
}

function faultsPage (): string {
  const stream = CATALOGUE.find((type) => type.layer === 'stream')!
  const http = CATALOGUE.find((type) => type.layer === 'http')!
  const common = Object.keys(faultSchema(stream).properties)
    .filter((key) => key !== 'type' && !(key in stream.params.properties))
  return `${NOTE}

# Faults

A fault has a \`type\`, the fields that every fault has, and the parameters of its type, side by side. It is written the same
way in the config file, in an experiment, over REST and on the command line:

\`\`\`yaml
${stringify([{ type: 'delay', on: 'payments', delay: '500ms', jitter: '50ms', match: { method: 'POST', path: '/charge/**' }, share: '20%', ttl: '60s' }]).trimEnd()}
\`\`\`

Over REST it is the same in JSON, without \`on\`, which the path says:

\`\`\`sh
curl -X POST http://127.0.0.1:8474/v1/proxies/payments/faults -H 'content-type: application/json' \\
  -d '{"type":"delay","delay":"500ms","share":"20%","ttl":"60s"}'
\`\`\`

Durations are written \`500ms\`, \`2s\`, \`1m30s\`; sizes \`64KB\` (1000) or \`64KiB\` (1024); rates \`64KB/s\`; shares \`20%\`. Bare
numbers are milliseconds, bytes, bytes a second and fractions.

## Fields of every fault

${fields(faultSchema(stream), common)}

\`direction\` goes with stream faults only. Http faults have \`match\` in its place; every field given must fit, and of a list one:

${fields(MatchSchema, Object.keys(MatchSchema.properties))}

Http faults need a proxy with \`protocol: http\` or \`auto\`; stream faults act on any proxy.

## Types

${CATALOGUE.map((type) => `- [${type.type}](#${type.type}): ${type.doc.summary}`).join('\n')}

${CATALOGUE.map(faultSection).join('\n\n')}
`

  function faultSection (type: FaultType): string {
    const keys = Object.keys(type.params.properties)
    const existing = type.existing ?? 'affect'
    const acts = type.layer === http.layer
      ? 'On http exchanges.'
      : `On the byte stream, \`direction\` \`${type.direction}\` and \`existing\` \`${existing}\` when nobody says.`
    return `### ${type.type}

${type.doc.summary} ${acts}

${keys.length === 0 ? 'It has no parameters.' : fields(type.params, keys)}

\`\`\`yaml
${stringify([type.doc.example]).trimEnd()}
\`\`\`

What a client sees:

- curl: ${type.doc.seen.curl}
- Node: ${type.doc.seen.node}

Limits: ${type.doc.limits}`
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, page] of Object.entries(PAGES)) await writeFile(new URL(name, import.meta.url), page())
}
