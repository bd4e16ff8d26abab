import { holdsChaos } from '../../adapters/chaos-toolkit/load.ts'
import { renderChaos } from '../../adapters/chaos-toolkit/terminal.ts'
import type { RunResult } from '../../experiment/result.ts'
import { PremortemError } from '../../kernel/errors.ts'
import type { Look } from '../../report/renderer.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { chaosExit, chaosOptions, chaosOptionsGiven, runChaosFile } from '../chaos.ts'
import type { ChaosRan } from '../chaos.ts'
import { defineCommand, text } from '../command.ts'
import type { Args } from '../command.ts'
import { configOption, controlOptions, openTarget } from '../control.ts'
import { loadExperiment } from '../../config/experiment-file.ts'
import { followRun } from '../follow.ts'
import { howToRunOptions, readHowToRun } from '../how-to-run.ts'
import { reportFileOptions, withReportFiles } from '../report-files.ts'
import { readSeed, seedOption } from '../seed.ts'

/** What ran: one of premortem's own experiments, or one of the Chaos Toolkit. */
type Ran = { chaos: null, result: RunResult } | { chaos: ChaosRan }

/** Runs an experiment and judges it. */
export const run = defineCommand<Ran>({
  usage: {
    command: 'run <file>',
    summary: 'Runs an experiment; the exit code is the verdict',
    positionals: { file: { type: 'string', demandOption: true, describe: 'the experiment, YAML or JSON; premortem\'s own, or one of the Chaos Toolkit (there a URL too)' } },
    options: { ...controlOptions, ...configOption, ...seedOption, ...howToRunOptions, ...reportFileOptions, ...chaosOptions },
    examples: [
      ['run slow-payments.yaml', 'on the sidecar that runs, or the configuration that is here'],
      ['run slow-payments.yaml --control http://10.0.0.7:8474 --json', 'on a sidecar elsewhere, for a machine'],
      ['run slow-payments.yaml --junit junit.xml --markdown summary.md', 'with reports for CI, whatever the outcome'],
      ['run experiment.json --journal-path journal.json', 'an experiment of the Chaos Toolkit']
    ]
  },
  async run (args, context) {
    const file = text(args, 'file')!
    if (await holdsChaos(file)) {
      refuseReports(args)
      return { chaos: await runChaosFile(file, args, context) }
    }
    refuseChaosOptions(args)
    const result = await withReportFiles(args, context, file, async () => {
      const { experiment, locate } = await loadExperiment(file)
      const seed = readSeed(args)
      const how = readHowToRun(args)
      try {
        return await followRun(await openTarget(args, context), experiment, seed, context, how)
      } catch (error) {
        // Only where it runs is it known that a proxy is missing; the file still knows where it was named.
        return locate(() => { throw error })
      }
    })
    return { chaos: null, result }
  },
  views: {
    human: (ran, look) => ran.chaos === null ? renderTerminal(ran.result, look) : humanOf(ran.chaos, look),
    json: (ran) => ran.chaos === null ? ran.result : ran.chaos.result?.journal ?? null
  },
  exit: (ran) => ran.chaos === null ? ran.result.exitCode : chaosExit(ran.chaos)
})

const humanOf = ({ result, compat }: ChaosRan, look: Look): string => result === null ? '' : renderChaos(result, compat, look)

function refuseReports (args: Args): void {
  const first = Object.keys({ ...reportFileOptions, ...howToRunOptions }).find((option) => text(args, option) !== undefined)
  if (first === undefined) return
  throw new PremortemError('PMT_ERR_USAGE', {
    message: `--${first} is for premortem's own experiments`, path: `--${first}`, found: text(args, 'file'), wanted: 'a file with `steady-state`', hint: 'one of the Chaos Toolkit has its journal (--journal-path) and its own --dry'
  })
}

function refuseChaosOptions (args: Args): void {
  const [first] = chaosOptionsGiven(args)
  if (first === undefined) return
  throw new PremortemError('PMT_ERR_USAGE', {
    message: `--${first} is for experiments of the Chaos Toolkit`, path: `--${first}`, found: text(args, 'file'), wanted: 'a file with `method`', hint: 'leave it out for one of premortem\'s own'
  })
}
