import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'tap'
import ts from 'typescript'
import { stringify } from 'yaml'
import { PAGES } from '../docs/generate.ts'
import { CATALOGUE } from '../src/faults/catalogue.ts'
import { decodeFault } from '../src/faults/envelope.ts'
import type { StreamFaultType } from '../src/faults/fault.ts'
import { ERRORS } from '../src/kernel/errors.ts'
import { createRandom } from '../src/kernel/random.ts'
import { parseText } from '../src/kernel/text.ts'
import { LINES } from './helpers/architecture.ts'

const read = (name: string): Promise<string> => readFile(new URL(`../docs/${name}`, import.meta.url), 'utf8')

test('the generated pages are what the code says: npm run docs', async (t) => {
  for (const [name, page] of Object.entries(PAGES)) t.equal(await read(name), page(), name)
})

test('every code is documented once, and no other', async (t) => {
  const documented = [...(await read('errors.md')).matchAll(/^\| `(PMT_ERR_\w+)`/gm)].map(([, code]) => code)
  t.strictSame(documented, Object.keys(ERRORS))
})

test('every fault has its section, and every YAML example decodes', async (t) => {
  const page = await read('faults.md')
  t.strictSame([...page.matchAll(/^### (\S+)$/gm)].map(([, type]) => type), CATALOGUE.map((type) => type.type))
  const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => parseText(text!).value as unknown[])
  t.ok(examples.length > CATALOGUE.length)
  for (const example of examples) {
    t.ok(example.length > 0)
    for (const fault of example) t.ok(decodeFault(fault))
  }
  for (const { doc } of CATALOGUE) t.ok(page.includes(stringify([doc.example])), `the example of ${String(doc.example.type)}`)
})

test('every fault that another tool has, and every toxic, stands where its users look; and decodes', async (t) => {
  const page = await read('faults.md')
  for (const { type, doc } of CATALOGUE) {
    for (const { tool, what, as } of doc.like ?? []) {
      t.equal(decodeFault(as).type.type, type, `${tool} ${what}`)
      const section = page.slice(page.indexOf(`### Coming from ${tool}\n`)).split('\n### ')[0]!
      t.ok(section.includes(what), `${tool} ${what}`)
    }
  }
  for (const type of CATALOGUE) {
    if (type.layer === 'stream' && type.toxic !== undefined) t.ok(page.includes(`toxic \`${type.toxic.type}\``), type.toxic.type)
  }
})

test('the page about architecture shows the table that the test of it holds', async (t) => {
  const page = await read('architecture.md')
  const shown = /^```\n( main\n[\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  t.strictSame(shown.trim().split('\n').map((line) => line.trim().split(/\s+/)), LINES)
})

test('the worked example of writing a fault compiles, and does what its test says', async (t) => {
  const root = new URL('../', import.meta.url)
  const page = await read('writing-a-fault.md')
  const [fault, itsTest] = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text]) => text!)
  const files = new Map([
    [fileURLToPath(new URL('src/faults/stream/stutter.ts', root)), fault!],
    [fileURLToPath(new URL('test/faults/stream/stutter.test.ts', root)), itsTest!]
  ])
  t.strictSame(complaintsOf(files, fileURLToPath(root)), [])

  // Run from where it could not reach the sources by its relative imports.
  const code = ts.transpile(fault!, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext })
    .replace(/from '(\.[^']+)'/g, (_, from: string) => `from '${new URL(from, new URL('src/faults/stream/', root)).href}'`)
    .replace(/from '(typebox)'/, () => `from '${import.meta.resolve('typebox')}'`)
  const folder = t.testdir({ 'stutter.mjs': code })
  const { stutter } = await import(pathToFileURL(`${folder}/stutter.mjs`).href) as { stutter: StreamFaultType }
  const behaviour = stutter.begin({ pause: 50, every: 3 } as never, createRandom(1))
  t.equal(behaviour.open, undefined)
  t.strictSame([1, 2, 3, 4].map(() => behaviour.chunk!(new Uint8Array(1), 0)), [{ do: 'pass' }, { do: 'pass' }, { do: 'delay', ms: 50 }, { do: 'pass' }])
})

/** What the compiler says of files that are not there, as if they were. */
function complaintsOf (files: ReadonlyMap<string, string>, root: string): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const host = ts.createCompilerHost(options)
  const { readFile: readReal, fileExists } = host
  host.readFile = (name) => files.get(name) ?? readReal(name)
  host.fileExists = (name) => files.has(name) || fileExists(name)
  const { getSourceFile } = host
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name)
    return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files.keys()].flatMap((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(name)))
    .map((complaint) => ts.flattenDiagnosticMessageText(complaint.messageText, '\n'))
}
