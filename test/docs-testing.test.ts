import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { Test } from 'tap'
import { startPremortem } from '../src/library/start.ts'
import { hasTools, vitestFolder } from './helpers/tools.ts'
import { startHttpUpstream } from './helpers/upstream.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

const page = await readFile(join(ROOT, 'docs/testing.md'), 'utf8')

/** The page's files by name. A block that names a file on its first line is that file, or its continuation. */
const files = new Map<string, string>()
for (const [, name, text] of page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)) {
  files.set(name!, files.has(name!) ? `${files.get(name!)}\n${text}` : text!)
}

/** A project of somebody's with the page's files and this package, as built, in its node_modules. */
async function project (t: Test, packages: Record<string, string> = {}): Promise<string> {
  if (!existsSync(join(ROOT, 'dist/index.js'))) throw new Error('dist/index.js is missing: npm run build')
  const folder = await mkdtemp(join(tmpdir(), 'premortem-docs-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'node_modules'))
  for (const [name, target] of Object.entries({ premortem: ROOT, ...packages })) await symlink(target, join(folder, 'node_modules', name))
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  for (const [name, text] of files) await writeFile(join(folder, name), text)
  return folder
}

/** Runs a program in a project and gives back what it printed; fails if that does not end well. */
async function run (
  t: Test, folder: string, program: string, args: readonly string[], env: Record<string, string> = {}
): Promise<string> {
  // Nothing of the environment that tap gives its tests.
  const child = spawn(program, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...env } })
  t.teardown(() => { child.kill('SIGKILL') })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { out += chunk })
  const [code] = await once(child, 'close')
  t.equal(code, 0, `${args.join(' ')} ends well`, { printed: out })
  return out
}

const testsIn = (name: string): number => files.get(name)!.match(/^ *test\(/gm)!.length

test('every file of the page is run below', async (t) => {
  t.strictSame([...files.keys()].sort(), [
    'parallel.test.js', 'price.js', 'price.spec.ts', 'price.tap.ts', 'price.test.js', 'prices.js', 'recipes.test.js', 'toxiproxy.sh'
  ])
  const commands = [...page.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command)
  t.strictSame(commands, [
    'npm install --save-dev premortem', 'node --test price.test.js', 'npx tap run price.tap.ts', 'npx vitest run price.spec.ts', 'node --test parallel.test.js'
  ])
})

for (const [name, count] of [['price.test.js', 1], ['parallel.test.js', 4], ['recipes.test.js', testsIn('recipes.test.js')]] as const) {
  test(`node:test runs ${name}`, async (t) => {
    const out = await run(t, await project(t), process.execPath, ['--test', '--test-reporter=tap', name])
    t.match(out, /^# fail 0$/m)
    t.equal([...out.matchAll(/^ *ok \d+ - (?!side by side|\/)/gm)].length, count, 'each test was run', { printed: out })
  })
}

test('tap runs price.tap.ts', async (t) => {
  const folder = await project(t, { tap: join(ROOT, 'node_modules/tap') })
  const out = await run(t, folder, process.execPath, [
    join(ROOT, 'node_modules/tap/dist/esm/run.mjs'), 'run', 'price.tap.ts', '--disable-coverage', '--allow-incomplete-coverage', '--reporter=tap'
  ])
  t.equal([...out.matchAll(/^ {4}ok \d+ - /gm)].length, testsIn('price.tap.ts'), 'each test was run', { printed: out })
})

test('vitest runs price.spec.ts', async (t) => {
  const vitest = vitestFolder(t)
  if (vitest === undefined) return
  const out = await run(t, await project(t, { vitest }), process.execPath, [join(vitest, 'vitest.mjs'), 'run', 'price.spec.ts', '--reporter=tap-flat'])
  t.equal([...out.matchAll(/^ok \d+ - /gm)].length, testsIn('price.spec.ts'), 'each test was run', { printed: out })
})

test('the API of Toxiproxy does what toxiproxy.sh says', async (t) => {
  if (!hasTools(t, 'curl')) return
  const { address } = await startHttpUpstream(t, (_, response) => { response.end('hello') })
  await using premortem = await startPremortem({ control: true })
  const out = await run(t, await project(t), 'sh', ['toxiproxy.sh'], { TOXIPROXY_URL: premortem.controlUrl!, UPSTREAM: address })
  t.equal(out, 'hellohello')
})
