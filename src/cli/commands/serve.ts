import { loadConfig, overrideControl, readToken } from '../../config/load.ts'
import { decodeConfig } from '../../config/schema.ts'
import type { Config } from '../../config/schema.ts'
import { addToxiproxyConfig } from '../../config/toxiproxy.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { Premortem } from '../../premortem.ts'
import { paint } from '../../report/layout.ts'
import { defineCommand, given, text } from '../command.ts'
import type { Args } from '../command.ts'
import { findConfig } from '../control.ts'
import { LOG_LEVELS, createLogger } from '../log.ts'
import { proxyTable } from '../proxy-table.ts'

/** Runs premortem until it is told to stop. */
export const serve = defineCommand<Premortem>({
  usage: {
    command: 'serve',
    summary: 'Starts the proxies and the control API of a configuration',
    options: {
      config: { type: 'string', requiresArg: true, describe: 'the configuration; premortem.yaml or config/premortem.yaml if left out' },
      'toxiproxy-config': { type: 'string', requiresArg: true, describe: 'a config file of Toxiproxy, beside --config or alone; its proxies may have `toxics`' },
      listen: { type: 'string', requiresArg: true, describe: 'where the control API listens instead, host:port' },
      'token-file': { type: 'string', requiresArg: true, describe: 'file with the token that the control API asks for' },
      'allow-process': { type: 'boolean', default: false, describe: 'let experiments that come over the control API run programs (sources of `process`)' },
      'log-level': { type: 'string', choices: LOG_LEVELS, default: 'info', describe: 'how much is said on stderr' }
    },
    examples: [
      ['serve --config config/premortem.yaml', 'the sample configuration'],
      ['serve --toxiproxy-config toxiproxy.json', 'in the place of toxiproxy-server'],
      ['serve --listen 0.0.0.0:8474 --token-file token', 'control from other machines']
    ]
  },
  async run (args, { stderr, json }) {
    const config = overrideControl(await configOf(args), { listen: text(args, 'listen'), tokenFile: text(args, 'token-file') })
    const log = createLogger(json ? { write: (line) => stderr.write(line) } : stderr, text(args, 'log-level')!)
    const premortem = new Premortem(config, { log, schedule: true, allowProcess: given(args, 'allow-process') })
    await premortem.start()
    return premortem
  },
  views: {
    human: (premortem, look) => [
      `premortem listens; control API at ${paint(look, 'bold', premortem.controlUrl!)} (documentation at /docs). Ctrl-C ends it.`,
      proxyTable(views(premortem), look)
    ].join('\n'),
    json: (premortem) => ({ control: premortem.controlUrl, seed: premortem.seed, proxies: views(premortem) })
  },
  async stay (premortem, { signal, onPanic }) {
    const unhook = onPanic?.((reason) => { premortem.halt.engage(reason, 'signal') })
    await aborted(signal)
    await premortem.drain()
    unhook?.()
  }
})

async function configOf (args: Args): Promise<Config> {
  const toxiproxy = text(args, 'toxiproxy-config')
  const file = text(args, 'config') ?? (toxiproxy === undefined ? findConfig() : undefined)
  if (toxiproxy !== undefined) {
    return addToxiproxyConfig(file === undefined ? decodeConfig({ proxies: [] }, readToken) : await loadConfig(file), toxiproxy)
  }
  if (file !== undefined) return loadConfig(file)
  throw new PremortemError('PMT_ERR_USAGE', {
    message: 'there is no configuration', found: 'neither premortem.yaml nor config/premortem.yaml', wanted: '--config FILE'
  })
}

const views = (premortem: Premortem) => premortem.proxies.list().map((proxy) => proxy.view())

function aborted (signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
