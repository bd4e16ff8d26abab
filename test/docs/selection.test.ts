import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { text, texts } from '../../src/cli/command.ts'
import { readFaults } from '../../src/cli/fault-words.ts'
import { parseArgv } from '../../src/cli/parse.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import { parseText } from '../../src/kernel/text.ts'

const page = readFileSync(new URL('../../docs/selection.md', import.meta.url), 'utf8')
const blocks = (kind: string): string[] => [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!)

/** A line of a shell: quotes go, and so do remarks and where the output goes. */
const wordsOf = (line: string): string[] =>
  line.replace(/\s[#>].*$/, '').split(/\s+/).filter(Boolean).map((word) => word.replaceAll("'", ''))

test('every command is one, and every fault in it decodes', async (t) => {
  const lines = blocks('sh').flatMap((block) => block.trim().split('\n')).filter((line) => line.startsWith('premortem '))
  t.ok(lines.length > 15)
  for (const line of lines) {
    const parsed = parseArgv(wordsOf(line).slice(1), 80)
    if (!('command' in parsed)) return t.fail(`${line} only prints a text`)
    t.equal(text(parsed.args, 'proxy'), 'payments', line)
    // The file is made by the command above it.
    const words = texts(parsed.args, 'fault').map((word) => word.replace('@hit.json', '3,7'))
    if (!line.includes('fault add')) continue
    for (const fault of await readFaults(words, {}, [])) t.ok(decodeFault(fault), line)
  }
})

test('the configuration is one', async (t) => {
  const [written] = blocks('yaml')
  const { proxies } = decodeConfig(parseText(written!).value, () => 'unused')
  t.match(proxies, [{ never: ['/healthz', '/admin/**', '/pay'], tagged: 'x-premortem=on' }])
})
