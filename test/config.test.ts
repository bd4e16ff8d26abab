import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { test } from 'tap'
import { loadExperiment } from '../src/config/experiment-file.ts'
import { loadConfig } from '../src/config/load.ts'

const DOCUMENTS = ['.yaml', '.yml', '.json']

const documentsIn = (folder: string): string[] => readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && DOCUMENTS.includes(extname(entry.name))).map(({ name }) => join(folder, name))

test('every configuration in config/ loads', async (t) => {
  const files = documentsIn('config')
  t.ok(files.includes(join('config', 'premortem.yaml')))
  for (const file of files) await t.resolves(loadConfig(file), file)
})

test('the sample is the one of the design', async (t) => {
  const { proxies, control, data } = await loadConfig('config/premortem.yaml')
  t.match(control, { host: '127.0.0.1', port: 8474 })
  t.equal(data, 'premortem.data')
  t.same(proxies.map(({ name, port, protocol, nodes }) => [name, port, protocol, nodes.map((node) => node.name)]), [
    ['edge', 8080, 'http', ['127.0.0.1:3000']],
    ['payments', 8081, 'auto', ['payments-1', 'payments-2']],
    ['redis', 26379, 'tcp', ['127.0.0.1:6379']]
  ])
})

test('every experiment in config/experiments loads, and names proxies of the sample', async (t) => {
  const { proxies } = await loadConfig('config/premortem.yaml')
  const names = proxies.map(({ name }) => name)
  const files = documentsIn(join('config', 'experiments'))
  t.not(files.length, 0)
  for (const file of files) {
    const { experiment } = await loadExperiment(file)
    for (const name of [experiment.at, ...experiment.faults.map(({ on }) => on!)]) t.ok(names.includes(name), `${file}: ${name}`)
  }
})
