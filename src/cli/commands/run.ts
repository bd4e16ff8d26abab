import type { RunResult } from '../../experiment/result.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { defineCommand, text } from '../command.ts'
import { configOption, controlOptions, openTarget } from '../control.ts'
import { loadExperiment } from '../document.ts'
import { followRun } from '../follow.ts'
import { reportFileOptions, withReportFiles } from '../report-files.ts'
import { readSeed, seedOption } from '../seed.ts'

/** Runs an experiment and judges it. */
export const run = defineCommand<RunResult>({
  usage: {
    command: 'run <file>',
    summary: 'Runs an experiment; the exit code is the verdict',
    positionals: { file: { type: 'string', demandOption: true, describe: 'the experiment, YAML or JSON' } },
    options: { ...controlOptions, ...configOption, ...seedOption, ...reportFileOptions },
    examples: [
      ['run slow-payments.yaml', 'on the sidecar that runs, or the configuration that is here'],
      ['run slow-payments.yaml --control http://10.0.0.7:8474 --json', 'on a sidecar elsewhere, for a machine'],
      ['run slow-payments.yaml --junit junit.xml --markdown summary.md', 'with reports for CI, whatever the outcome']
    ]
  },
  async run (args, context) {
    const file = text(args, 'file')!
    return withReportFiles(args, context, file, async () => {
      const { experiment, locate } = await loadExperiment(file)
      const seed = readSeed(args)
      try {
        return await followRun(await openTarget(args, context), experiment, seed, context)
      } catch (error) {
        // Only where it runs is it known that a proxy is missing; the file still knows where it was named.
        return locate(() => { throw error })
      }
    })
  },
  views: { human: renderTerminal, json: (result) => result },
  exit: (result) => result.exitCode
})
