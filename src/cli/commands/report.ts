import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PremortemError } from '../../kernel/errors.ts'
import { REPORT_FORMATS } from '../../report/report.ts'
import type { ReportFormat } from '../../report/report.ts'
import { PLAIN } from '../../report/layout.ts'
import { readRunFolder, readStoredRun, renderStored } from '../../report/stored.ts'
import type { StoredRun } from '../../report/stored.ts'
import { defineCommand, text } from '../command.ts'
import { openReportFiles, reportFileOptions, writeReports } from '../report-files.ts'
import { configOption, controlIsGiven, controlOptions, openClient } from '../control.ts'
import { dataFolder, dataOption } from '../data-folder.ts'

/** What to show: a run's own folder, or the text that a sidecar made of it. */
type Reported = { stored: StoredRun, format: ReportFormat } | { text: string }

/** Shows the report of a run that has ended. */
export const report = defineCommand<Reported>({
  usage: {
    command: 'report <run>',
    summary: 'Shows the report of a run, also after its process has gone',
    positionals: { run: { type: 'string', demandOption: true, describe: 'its id, `latest`, or its folder' } },
    options: {
      format: { type: 'string', choices: REPORT_FORMATS, default: 'text', describe: 'for people or for machines' },
      ...dataOption,
      ...controlOptions,
      ...configOption,
      ...reportFileOptions
    },
    examples: [
      ['report latest', 'the last run on this machine'],
      ['report 2026-11-22T22-31-05-ab12 --control http://10.0.0.7:8474', 'a run of a sidecar elsewhere'],
      ['report latest --format markdown', 'for a comment or a wiki']
    ]
  },
  async run (args, context) {
    const id = text(args, 'run')!
    const files = openReportFiles(args)
    const format = context.json ? 'json' : text(args, 'format') as ReportFormat
    const isFolder = existsSync(join(id, 'journal.jsonl'))
    if (!isFolder && text(args, 'data') === undefined && controlIsGiven(args, context)) {
      const client = openClient(args, context)
      const found = await resolve(id, () => client.runs())
      await writeReports(files, (asked) => client.report(found, asked))
      return { text: await client.report(found, format) }
    }
    const stored = isFolder ? readRunFolder(id) : readStoredRun(join(await dataFolder(args), 'runs'), id)
    await writeReports(files, (asked) => renderStored(stored, asked, PLAIN))
    return { stored, format }
  },
  views: {
    human: (reported, look) => {
      if ('text' in reported) return reported.text.trimEnd()
      const { stored, format } = reported
      return renderStored(stored, format, look).trimEnd()
    },
    json: (reported) => 'text' in reported ? JSON.parse(reported.text) as unknown : reported.stored.result ?? reported.stored
  }
})

async function resolve (id: string, list: () => Promise<{ id: string }[]>): Promise<string> {
  if (id !== 'latest') return id
  const latest = (await list()).map((run) => run.id).sort().at(-1)
  if (latest === undefined) throw new PremortemError('PMT_ERR_RUN_NOT_FOUND', { message: 'there is no run yet', found: id })
  return latest
}
