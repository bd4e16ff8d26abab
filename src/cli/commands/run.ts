import type { RunResult } from '../../experiment/result.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { defineCommand, text } from '../command.ts'
import { configOption, controlOptions, openTarget } from '../control.ts'
import { loadExperiment } from '../document.ts'
import { followRun } from '../follow.ts'
import { howToRunOptions, readHowToRun } from '../how-to-run.ts'
import { readSeed, seedOption } from '../seed.ts'

/** Runs an experiment and judges it. */
export const run = defineCommand<RunResult>({
  usage: {
    command: 'run <file>',
    summary: 'Runs an experiment; the exit code is the verdict',
    positionals: { file: { type: 'string', demandOption: true, describe: 'the experiment, YAML or JSON' } },
    options: { ...controlOptions, ...configOption, ...seedOption, ...howToRunOptions },
    examples: [
      ['run slow-payments.yaml', 'on the sidecar that runs, or the configuration that is here'],
      ['run slow-payments.yaml --control http://10.0.0.7:8474 --json', 'on a sidecar elsewhere, for a machine']
    ]
  },
  async run (args, context) {
    const { experiment, locate } = await loadExperiment(text(args, 'file')!)
    const seed = readSeed(args)
    const how = readHowToRun(args)
    try {
      return await followRun(await openTarget(args, context), experiment, seed, context, how)
    } catch (error) {
      // Only where it runs is it known that a proxy is missing; the file still knows where it was named.
      return locate(() => { throw error })
    }
  },
  views: { human: renderTerminal, json: (result) => result },
  exit: (result) => result.exitCode
})
