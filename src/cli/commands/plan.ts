import type { PlanReport } from '../../experiment/plan.ts'
import { formatCount, formatDuration } from '../../kernel/units.ts'
import { columns, paint } from '../../report/layout.ts'
import { defineCommand, text } from '../command.ts'
import { configOption, controlOptions, openTarget } from '../control.ts'
import { loadExperiment } from '../../config/experiment-file.ts'

/** Says before a run whether it can conclude. */
export const plan = defineCommand<PlanReport>({
  usage: {
    command: 'plan <file>',
    summary: 'Says whether an experiment can conclude with the traffic there is; exit 3 if not',
    positionals: { file: { type: 'string', demandOption: true, describe: 'the experiment, YAML or JSON' } },
    options: { ...controlOptions, ...configOption },
    examples: [['plan slow-payments.yaml', 'how many requests it needs, and how many it will see']]
  },
  async run (args, context) {
    const { experiment } = await loadExperiment(text(args, 'file')!)
    const target = await openTarget(args, context)
    try {
      return await target.plan(experiment.document)
    } finally {
      await target.close()
    }
  },
  views: {
    human: (report, look) => [
      paint(look, 'bold', report.title),
      `takes ${formatDuration(report.duration)} and ${report.canConclude ? paint(look, 'green', 'can conclude') : paint(look, 'red', 'cannot conclude')}`,
      '',
      ...columns([
        ['objective', 'phase', 'expected', 'needed', 'needed for 80%', 'can say', 'short by'],
        ...report.objectives.map(({ objective, phase, expected, needed, neededFor80, can, shortBy }) =>
          [objective, phase, expected === null ? 'unknown' : formatCount(expected), formatCount(needed), formatCount(neededFor80), can.join(', ') || (expected === null ? 'unknown' : 'nothing'), shortBy ?? ''])
      ], look, { right: [2, 3, 4] }),
      ...report.guardrails.map(({ words }) => `guardrail: ${words}`),
      ...report.problems.map((problem) => `${paint(look, 'red', 'problem')}: ${problem}`),
      ...report.notes.map((note) => `note: ${note}`)
    ].join('\n'),
    json: (report) => report
  },
  exit: (report) => report.canConclude ? 0 : 3
})
