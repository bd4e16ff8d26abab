import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'
import type { Test } from 'tap'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

const exec = promisify(execFile)

/** A folder whose node_modules have this package as npm would publish it, its dependencies, and the types of Node. */
async function consumer (t: Test): Promise<string> {
  if (!existsSync(join(ROOT, 'dist/index.js'))) throw new Error('dist/index.js is missing: npm run build')
  const folder = await mkdtemp(join(tmpdir(), 'premortem-consumer-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '@types'), { recursive: true })
  await symlink(join(ROOT, 'node_modules/@types/node'), join(modules, '@types/node'))
  const { stdout } = await exec('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: ROOT })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  await exec('tar', ['-xzf', filename], { cwd: folder })
  await exec('mv', ['package', 'node_modules/premortem'], { cwd: folder })
  await symlink(join(ROOT, 'node_modules'), join(modules, 'premortem/node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  return folder
}

const RUN = `
import { PremortemError, startPremortem } from 'premortem'
const premortem = await startPremortem({ control: true, proxies: { shop: { upstream: '127.0.0.1:1' } } })
const answer = await premortem.withFault({ on: 'shop', type: 'status', status: 418 }, () => fetch(premortem.proxy('shop').url), { mustHit: true })
try {
  premortem.proxy('nowhere')
} catch (error) {
  console.log(answer.status, error instanceof PremortemError, error.code)
}
await premortem.stop()
`

const TYPES = `
import { startPremortem } from 'premortem'
import type { ConnectionView, ExperimentInput, FaultCounters, FaultHandle, FaultInput, FaultOn, FaultView, ProxyHandle, RunResult, Snapshot, TestSidecar, TestSidecarOptions } from 'premortem'

const options: TestSidecarOptions = { seed: 7, proxies: { shop: { upstream: ['a=127.0.0.1:1', 'b=127.0.0.1:2'], protocol: 'http', 'connect-timeout': '1s', faults: [{ type: 'hang' }] } } }
await using premortem: TestSidecar = await startPremortem(options)
const shop: ProxyHandle = premortem.proxy('shop')
const slow: FaultInput = { type: 'delay', delay: '1s' }
const on: FaultOn = { ...slow, on: 'shop', match: { method: 'POST', path: ['/a', '/b'] }, select: { every: 3 } }
const count: number = await premortem.withFault(on, (fault: FaultHandle) => fault.counters.injected)
const text: string = await premortem.withFaults([on, { on: 'shop', type: 'hang' }], async (first, second) => first.id + second.id, { mustHit: true })
using fault = shop.fault(slow)
const counters: FaultCounters = fault.counters
const views: [Snapshot, ConnectionView[], FaultView[]] = [shop.snapshot(), shop.connections(), shop.faults()]
const document: ExperimentInput = {
  title: 'What if?', 'steady-state': { at: 'shop', objectives: ['success >= 99%'] }, load: { url: shop.url, rate: '50/s' },
  phases: { baseline: '1s', fault: '1s', recovery: '1s' }, faults: [on]
}
const result: RunResult = await premortem.run(document, { signal: new AbortController().signal })
console.log(count, text, counters, views, result.outcome)
`

// Each line from the fourth on must not compile.
const WRONG = `
import { startPremortem } from 'premortem'
const premortem = await startPremortem()
await startPremortem({ proxies: { shop: {} } })
premortem.fault({ type: 'hang' })
premortem.withFault({ on: 'shop' }, () => 1)
premortem.withFaults([{ on: 'shop', type: 'hang' }], (first, second) => [first, second])
premortem.proxy('shop').fault({ type: 'hang', mode: 'shade' })
premortem.proxy('shop').fault({ type: 'dealy' })
premortem.proxy('shop').fault({ type: 'delay', delya: '1s' })
premortem.proxy('shop').fault({ type: 'delay', delay: true })
`

test('what is published works for who installs it', async (t) => {
  const folder = await consumer(t)
  t.strictSame((await readdir(join(folder, 'node_modules/premortem'))).sort(), [
    'CHANGELOG.md', 'LICENSE', 'README.md', 'config', 'dist', 'docs', 'node_modules', 'package.json'
  ])

  await writeFile(join(folder, 'run.js'), RUN)
  t.equal((await exec(process.execPath, ['run.js'], { cwd: folder })).stdout, '418 true PMT_ERR_PROXY_NOT_FOUND\n')

  await writeFile(join(folder, 'types.ts'), TYPES)
  await writeFile(join(folder, 'wrong.ts'), WRONG)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { module: 'nodenext', target: 'es2022', lib: ['es2022', 'esnext.disposable'], types: ['node'], strict: true, noEmit: true }
  }))
  const tsc = await exec(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--pretty', 'false'], { cwd: folder }).then(
    ({ stdout }) => stdout, ({ stdout }: { stdout: string }) => stdout)
  const complaints = [...tsc.matchAll(/^(\S+?)\((\d+),/gm)].map(([, file, line]) => `${file} ${line}`)
  t.strictSame([...new Set(complaints)], [4, 5, 6, 7, 8, 9, 10, 11].map((line) => `wrong.ts ${line}`), 'and its types', { printed: tsc })
})
