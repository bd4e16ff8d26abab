import type { Options } from 'yargs'
import { decodeExperiment } from '../../experiment/document.ts'
import type { Experiment, ExperimentDocument } from '../../experiment/document.ts'
import type { RunResult } from '../../experiment/result.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { defineCommand, text, texts } from '../command.ts'
import type { Args } from '../command.ts'
import { openTarget } from '../control.ts'
import { loadExperiment } from '../../config/experiment-file.ts'
import type { ExperimentFile } from '../../config/experiment-file.ts'
import { readFaults } from '../fault-words.ts'
import { followRun } from '../follow.ts'
import { readSeed } from '../seed.ts'
import { documentOf, nameTyped, questionOptions } from './whatif.ts'

const value = (describe: string): Options => ({ type: 'string', requiresArg: true, group: 'Search:', describe })

const searchOptions: Record<string, Options> = {
  'at-least': value('what it must hold at, such as 300ms: exit 0 if it does, 1 if not, 3 if that cannot be told'),
  resolution: value('how narrow the interval is to be: a share of the value such as 5%, or an amount such as 20ms'),
  'step-time': value('how long one value is tried at most'),
  settle: value('what is not counted after each change')
}

/** How long each phase is when words ask and nobody says; the search takes `for` at most. */
const LENGTHS = { warmup: '0s', baseline: '30s', for: '3m', recovery: '30s' }

const options: Record<string, Options> = {
  ...questionOptions,
  ...Object.fromEntries(Object.entries(LENGTHS).map(([name, length]) => {
    const { describe } = questionOptions[name]!
    return [name, { ...value(`${name === 'for' ? 'how long the search takes at most' : describe} (${length})`), group: 'Experiment:' }]
  })),
  ...searchOptions
}

/** Options that go with words alone: a file says these things itself. */
const OF_WORDS = ['slo', 'at', 'load', 'rate', 'guardrail', 'title', ...Object.keys(LENGTHS), 'resolution', 'step-time', 'settle']

/** Raises one parameter of a fault until the objectives break. */
export const limit = defineCommand<RunResult>({
  usage: {
    command: 'limit <target> [fault..]',
    summary: 'Raises one parameter of a fault until the objectives break, and says where',
    positionals: {
      target: { type: 'string', demandOption: true, describe: 'an experiment with a `limit`, YAML or JSON; or a proxy, with a fault' },
      fault: { type: 'string', array: true, describe: 'a type of fault and its key=value, one of them key=FROM..TO' }
    },
    options,
    examples: [
      ['limit slow-payments.yaml --at-least 300ms', 'a gate for CI: does it hold with payments 300 ms slower?'],
      ['limit payments delay delay=0..2s --slo "p95<=300ms" --at edge', 'how slow may payments be?']
    ]
  },
  async run (args, context) {
    const seed = readSeed(args)
    const words = texts(args, 'fault')
    const { experiment, locate } = words.length === 0 ? await fromFile(args) : await fromWords(args, words)
    try {
      return await followRun(await openTarget(args, context), experiment, seed, context)
    } catch (error) {
      return locate(() => { throw error })
    }
  },
  views: { human: renderTerminal, json: (result) => result },
  exit: (result) => result.exitCode
})

async function fromFile (args: Args): Promise<ExperimentFile> {
  const file = text(args, 'target')!
  const { experiment, locate } = await loadExperiment(file)
  if (experiment.limit === null) {
    throw new PremortemError('PMT_ERR_USAGE', { message: `${file} searches for no limit`, found: 'no `limit`', wanted: 'a block such as limit: { parameter: delay, from: 0, to: 2s }', hint: 'premortem run runs it as it is' })
  }
  const extra = OF_WORDS.find((name) => text(args, name) !== undefined)
  if (extra !== undefined) throw new PremortemError('PMT_ERR_USAGE', { message: `--${extra} goes with PROXY FAULT`, found: `${file} and --${extra}`, wanted: 'the file to say it' })
  return { experiment: asking(experiment, args), locate }
}

/** The same experiment, with what the command line asks of it. */
function asking (experiment: Experiment, args: Args): Experiment {
  const atLeast = text(args, 'at-least')
  if (atLeast === undefined) return experiment
  const { document } = experiment
  return named(args, () => decodeExperiment({ ...document, limit: { ...document.limit, 'at-least': atLeast } }))
}

/** A range among a fault's words: `delay=0..2s`. */
const RANGE = /^([\w-]+)=(.+?)\.\.(.+)$/

async function fromWords (args: Args, words: readonly string[]): Promise<ExperimentFile> {
  const ranges = words.filter((word) => RANGE.test(word))
  const [, parameter = '', from = '', to = ''] = RANGE.exec(ranges[0] ?? '') ?? []
  if (ranges.length !== 1) {
    throw new PremortemError('PMT_ERR_USAGE', { message: 'what is to be raised?', path: 'FAULT', found: words.join(' '), wanted: 'one key=FROM..TO, such as delay=0..2s' })
  }
  // The range stands in for a value, so that what needs one is content.
  const [fault, ...more] = await readFaults(words.map((word) => word === ranges[0] ? `${parameter}=${from}` : word), {}, Object.keys(options))
  if (more.length > 0) throw new PremortemError('PMT_ERR_USAGE', { message: 'one fault is searched', path: 'FAULT', found: words.join(' '), wanted: 'one type of fault', hint: 'a file can have more beside it' })
  const { [parameter]: _, ...rest } = fault!
  const proxy = text(args, 'target')!
  const asked = Object.fromEntries(Object.keys(searchOptions).map((name) => [name, text(args, name)] as const)
    .filter(([, said]) => said !== undefined))
  const title = `How far can ${parameter} at ${proxy} go?`
  const document = documentOf({ ...LENGTHS, ...args }, proxy, [rest as typeof fault & object], title)
  const searched = { ...document, limit: { parameter, from, to, ...asked } } as ExperimentDocument
  return { experiment: named(args, () => decodeExperiment(searched)), locate: (read) => named(args, read) }
}

function named<T> (args: Args, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PremortemError)) throw error
    const { path, ...details } = error.details
    const key = /^limit\.([\w-]+)$/.exec(path ?? '')?.[1]
    const typed = key === undefined ? nameTyped(error, { ...args, proxy: text(args, 'target') }) : null
    const place = key! in searchOptions ? `--${key!}` : `FAULT (${key!})`
    throw typed ?? new PremortemError(error.code, { ...details, message: error.message, path: place })
  }
}
