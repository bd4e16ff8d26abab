import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { texts } from '../../src/cli/command.ts'
import { readFaults } from '../../src/cli/fault-words.ts'
import { parseArgv } from '../../src/cli/parse.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { CATALOGUE, faultTypes } from '../../src/faults/catalogue.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import { parseText } from '../../src/kernel/text.ts'

const page = readFileSync(new URL('../../docs/tls.md', import.meta.url), 'utf8')
const blocks = (kind: string): string[] => [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!)

test('the configuration is one, and shows the modes', async (t) => {
  const [written] = blocks('yaml')
  const { proxies } = decodeConfig(parseText(written!).value, () => 'unused')
  t.match(proxies.map(({ tls }) => tls), [
    { accept: 'passthrough' },
    { accept: 'terminate', certificate: 'ca', names: ['orders.internal'], originate: { ca: 'internal-ca.pem', verify: true } },
    { accept: 'terminate', certificate: { certificate: 'stock.pem', key: 'stock.key' }, originate: undefined }
  ])
})

test('every command is one, and its fault decodes', async (t) => {
  const lines = blocks('console').flatMap((block) => block.match(/premortem .*/g) ?? []).filter((line) => !line.startsWith('premortem-ca'))
  t.equal(lines.filter((line) => line.includes('tls/expired')).length, 3)
  for (const line of lines) {
    const parsed = parseArgv(line.replaceAll('"', '').split(' ').slice(1), 80)
    if (!('command' in parsed)) return t.fail(`${line} only prints a text`)
    for (const fault of await readFaults(texts(parsed.args, 'fault'), {}, [])) t.ok(decodeFault(fault), line)
  }
})

test('every fault it names is there, and stands with what it needs', async (t) => {
  const names = [...page.matchAll(/`(tls\/[\w-]+)`/g)].map(([, name]) => name!)
  for (const name of names) t.ok(faultTypes.has(name), name)
  const row = (start: string): string => page.split('\n').find((line) => line.startsWith(`| ${start}`))!
  const needing = (needs: string): string[] => CATALOGUE.flatMap((type) => type.layer === 'tls' && type.needs === needs ? [type.type] : [])
  for (const name of needing('terminate')) t.ok(row('`tls/client-certificate-required`').includes(name), name)
  for (const name of needing('present')) t.ok(row('`tls/upstream').includes(name), name)
})
