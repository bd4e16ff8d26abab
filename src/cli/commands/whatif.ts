import type { Options } from 'yargs'
import { decodeExperiment } from '../../experiment/document.ts'
import type { ExperimentDocument } from '../../experiment/document.ts'
import type { RunResult } from '../../experiment/result.ts'
import { faultTypes } from '../../faults/catalogue.ts'
import type { FaultSpec } from '../../faults/envelope.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { faultWords } from '../../report/words.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { defineCommand, text, texts } from '../command.ts'
import type { Args } from '../command.ts'
import { configOption, controlOptions, openTarget } from '../control.ts'
import { faultOptions, readFaults } from '../fault-words.ts'
import { followRun } from '../follow.ts'
import { howToRunOptions, readHowToRun } from '../how-to-run.ts'
import { reportFileOptions, withReportFiles } from '../report-files.ts'
import { readSeed, seedOption } from '../seed.ts'
import type { Target } from '../target.ts'

const value = (describe: string, more: Options = {}): Options => ({ type: 'string', requiresArg: true, group: 'Experiment:', describe, ...more })

/** Options that say everything of an experiment but its faults. */
export const questionOptions: Record<string, Options> = {
  slo: value('objective that must hold, such as "p95<=300ms" or "success>=99%"; may be given several times, and left out with a tls fault: then at least 99 % of the handshakes must succeed'),
  at: value('the proxy whose traffic users feel; PROXY itself if left out'),
  warmup: value('how long to wait first, uncounted', { default: '0s' }),
  baseline: value('how long to measure the steady state', { default: '30s' }),
  for: value('how long the faults are active', { default: '60s' }),
  recovery: value('how long to watch it come back', { default: '30s' }),
  load: value('URL to request, if there is no traffic'),
  rate: value('requests a second of the load, such as 50/s'),
  guardrail: value('objective that ends the run when it breaks; may be given several times'),
  title: value('what the report is headed with'),
  ...controlOptions,
  ...configOption,
  ...seedOption,
  ...howToRunOptions,
  ...reportFileOptions
}

const TAKEN = Object.keys(questionOptions)

/** What was typed for each place of the document: the first that fits names it in an error. */
const TYPED: readonly (readonly [RegExp, string])[] = [
  [/^steady-state\.objectives.*/, '--slo'],
  [/^steady-state\.at$/, '--at'],
  [/^phases\.fault$/, '--for'],
  [/^phases\.(\w+)$/, '--$1'],
  [/^load\.url$/, '--load'],
  [/^load\.rate$/, '--rate'],
  [/^guardrails.*/, '--guardrail'],
  [/^faults\.\d+\.on$/, 'PROXY'],
  [/^faults\.\d+\./, '']
]

/** Asks one question without a file: an experiment made of words and flags. */
export const whatif = defineCommand<RunResult>({
  usage: {
    command: 'whatif <proxy> <fault..>',
    summary: 'Asks what happens if a dependency breaks; the exit code is the verdict',
    positionals: {
      proxy: { type: 'string', demandOption: true, describe: 'the proxy in front of the dependency; `sidecar/proxy` for one elsewhere' },
      fault: { type: 'string', array: true, demandOption: true, describe: 'a type of fault, then its key=value; repeat for more faults' }
    },
    options: { ...questionOptions, ...faultOptions(TAKEN) },
    examples: [
      ['whatif payments delay --delay 500ms --for 60s --slo "p95<=300ms" --at edge', 'What if payments answers 500 ms slower?'],
      ['whatif payments refuse node=payments-2 --slo "success>=99%" --at edge', 'What if we lose a node?'],
      ['whatif payments tls/expired --for 60s', 'What if its certificate expires?'],
      ['whatif payments delay delay=2s share=20% status status=503 share=5% --slo "success>=95%"', 'two faults at once']
    ]
  },
  run: (args, context) => withReportFiles(args, context, titleOf(args), async () => {
    const seed = readSeed(args)
    const how = readHowToRun(args)
    try {
      const document = await readDocument(args)
      // Before anything is opened: what was typed wrong is wrong anywhere.
      const experiment = decodeExperiment(document)
      const target = await openTarget(args, context)
      const asked = texts(args, 'slo').length > 0 ? experiment : decodeExperiment(await withUsualObjectives(target, document, args))
      return await followRun(target, asked, seed, context, how)
    } catch (error) {
      throw error instanceof PremortemError ? nameTyped(error, args) : error
    }
  }),
  views: { human: renderTerminal, json: (result) => result },
  exit: (result) => result.exitCode
})

const titleOf = (args: Args): string =>
  text(args, 'title') ?? `What if ${text(args, 'proxy')} meets ${texts(args, 'fault').join(' ')}?`

/** What a tls fault is judged by when nobody says. */
const HANDSHAKES = 'handshake >= 99%'
const TRAFFIC = 'success >= 99%'

/** The document with the objectives that can be judged where it measures: handshakes, and traffic if it is seen. */
async function withUsualObjectives (target: Target, document: ExperimentDocument, args: Args): Promise<ExperimentDocument> {
  const steady = document['steady-state']
  try {
    const { measured } = await target.plan(document)
    const readable = measured !== null && measured.tls === 'terminate' && measured.protocol !== 'tcp'
    // Where there is no TLS, the fault is further on, and what it does to the traffic is the question.
    const elsewhere = measured?.tls === 'none' && steady.at !== text(args, 'proxy')
    const objectives = elsewhere ? [TRAFFIC] : readable ? [HANDSHAKES, TRAFFIC] : [HANDSHAKES]
    return { ...document, 'steady-state': { ...steady, objectives } }
  } catch (error) {
    await target.close()
    throw error
  }
}

async function readDocument (args: Args): Promise<ExperimentDocument> {
  const faults = await readFaults(texts(args, 'fault'), args, TAKEN)
  const on = text(args, 'proxy')!
  return documentOf(args, on, faults, `What if ${on} meets ${faults.map(faultWords).join(' and ')}?`)
}

/** The experiment that words and flags make of faults on a proxy. Throws PMT_ERR_USAGE. */
export function documentOf (args: Args, proxy: string, written: readonly FaultSpec[], title: string): ExperimentDocument {
  const faults = written.map((fault) => ({ ...fault, on: proxy }))
  const slo = texts(args, 'slo')
  if (slo.length === 0 && !faults.some(({ type }) => faultTypes.get(type)?.layer === 'tls')) {
    throw new PremortemError('PMT_ERR_USAGE', { message: '--slo is missing', found: 'no objective', wanted: 'at least one, such as --slo "p95<=300ms"', hint: 'only a tls fault has an objective of its own' })
  }
  const load = text(args, 'load')
  const rate = text(args, 'rate')
  if ((load === undefined) !== (rate === undefined)) {
    const [found, wanted] = load === undefined ? ['--rate', '--load URL'] : ['--load', '--rate 50/s']
    throw new PremortemError('PMT_ERR_USAGE', { message: '--load and --rate go together', found: `${found} alone`, wanted: `${wanted} beside it` })
  }
  return {
    title: text(args, 'title') ?? title,
    'steady-state': { at: text(args, 'at') ?? proxy, objectives: slo.length === 0 ? [HANDSHAKES] : slo },
    ...(load === undefined || rate === undefined ? {} : { load: { url: load, rate } as NonNullable<ExperimentDocument['load']> }),
    phases: {
      warmup: text(args, 'warmup')!, baseline: text(args, 'baseline')!, fault: text(args, 'for')!, recovery: text(args, 'recovery')!
    },
    faults,
    guardrails: texts(args, 'guardrail')
  }
}

/** An error that names what was typed in place of where it went in the document. */
export function nameTyped (error: PremortemError, args: Args): PremortemError {
  const { path, ...details } = error.details
  const typed = TYPED.find(([place]) => path !== undefined && place.test(path))
  if (path === undefined || typed === undefined) return error
  const name = path.replace(...typed)
  return new PremortemError(error.code, { ...details, message: error.message, path: name === '--at' && text(args, 'at') === undefined ? 'PROXY' : name })
}
