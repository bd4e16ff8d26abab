import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HistoryView } from '../../api/schemas/history.ts'
import { fingerprint } from '../../experiment/fingerprint.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { USUAL_LAST, readHistory } from '../../report/history.ts'
import { trendsOf } from '../../report/trend.ts'
import { defineCommand, text } from '../command.ts'
import type { Args } from '../command.ts'
import { configOption, controlIsGiven, controlOptions, openClient } from '../control.ts'
import { dataFolder, dataOption } from '../data-folder.ts'
import { loadExperiment } from '../../config/experiment-file.ts'
import { problemLines, runsTable, trendLines } from '../history-table.ts'

/** The runs, and whether the file that was asked for is still what the last of them ran; null if no file was. */
interface Found extends HistoryView { where: string, current: boolean | null }

/** Shows the runs there were, and how each experiment went over them. */
export const runs = defineCommand<Found>({
  usage: {
    command: 'runs',
    summary: 'Shows the runs there were, and how each experiment went over them',
    options: {
      experiment: { type: 'string', requiresArg: true, describe: 'only of this experiment: its file, or words of its title' },
      last: { type: 'string', requiresArg: true, describe: `how many, the newest; ${USUAL_LAST} unless told` },
      ...dataOption,
      ...controlOptions,
      ...configOption
    },
    examples: [
      ['runs', 'the last runs on this machine'],
      ['runs --experiment slow-payments.yaml --last 50', 'whether it is getting better'],
      ['runs --control http://10.0.0.7:8474 --json', 'those of a sidecar elsewhere, for a machine']
    ]
  },
  async run (args, context) {
    const last = readLast(args)
    const { title, documentHash } = await readExperiment(text(args, 'experiment'))
    const found = await (async () => {
      if (text(args, 'data') === undefined && controlIsGiven(args, context)) {
        const client = openClient(args, context)
        return { ...await client.history({ title, last }), where: client.url }
      }
      const where = join(await dataFolder(args), 'runs')
      const stored = await readHistory(where, { title, last })
      return { runs: stored, experiments: trendsOf(stored), where }
    })()
    const latest = found.runs.findLast((run) => run.documentHash !== null)
    return { ...found, current: documentHash === null || latest === undefined ? null : latest.documentHash === documentHash }
  },
  views: {
    human: (found, look) => {
      if (found.runs.length === 0) return `no run in ${found.where}`
      return [
        ...runsTable(found.runs, look),
        ...problemLines(found.runs, look),
        ...found.experiments.flatMap((trend) => ['', ...trendLines(trend, look)]),
        ...found.current === false ? ['', 'The file has been changed since the last of these runs.'] : []
      ].join('\n')
    },
    json: ({ runs, experiments }) => ({ runs, experiments })
  }
})

function readLast (args: Args): number {
  const written = text(args, 'last') ?? String(USUAL_LAST)
  const last = Number(written)
  if (/^\d{1,5}$/.test(written) && last > 0 && last <= 10_000) return last
  throw new PremortemError('PMT_ERR_USAGE', { message: 'not a number of runs', path: '--last', found: written, wanted: 'a whole number from 1 to 10000' })
}

async function readExperiment (named: string | undefined): Promise<{ title?: string, documentHash: string | null }> {
  if (named === undefined) return { documentHash: null }
  if (!existsSync(named)) return { title: named, documentHash: null }
  const { experiment } = await loadExperiment(named)
  return { title: experiment.title, documentHash: fingerprint(experiment.document) }
}
