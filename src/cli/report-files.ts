import { closeSync, existsSync, lstatSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Options } from 'yargs'
import type { RunResult } from '../experiment/result.ts'
import { PremortemError, toPremortemError } from '../kernel/errors.ts'
import { PLAIN } from '../report/layout.ts'
import { rendererOf } from '../report/report.ts'
import type { ReportFormat } from '../report/report.ts'
import type { Args, Context } from './command.ts'
import { text } from './command.ts'

/** The formats that have a flag of their own, which names a file. */
const FORMATS = ['junit', 'markdown'] as const satisfies readonly ReportFormat[]

/** The options of commands that write reports for CI beside what they print. */
export const reportFileOptions: Record<string, Options> = {
  junit: { type: 'string', requiresArg: true, describe: 'also write the report to this file, as JUnit XML' },
  markdown: { type: 'string', requiresArg: true, describe: 'also write the report to this file, as Markdown' }
}

/** A report to be written. */
export interface ReportFile { format: ReportFormat, file: string }

/**
 * The files that were asked for. Each can be written, its folder is there, and the report of an earlier run is gone: what is
 * found after a crash is nothing, not an old verdict. Throws PMT_ERR_USAGE and PMT_ERR_FILE_UNREADABLE, naming the flag.
 */
export function openReportFiles (args: Args): ReportFile[] {
  const files = FORMATS.flatMap((format) => {
    const file = text(args, format)
    return file === undefined ? [] : [{ format, file }]
  })
  if (new Set(files.map(({ file }) => resolve(file))).size < files.length) {
    throw new PremortemError('PMT_ERR_USAGE', { message: '--junit and --markdown name one file', found: files[0]!.file, wanted: 'two files' })
  }
  for (const { format, file } of files) attempt(format, file, () => prepare(file))
  return files
}

/** Writes each file. Throws PMT_ERR_FILE_UNREADABLE. */
export async function writeReports (
  files: readonly ReportFile[], render: (format: ReportFormat) => string | Promise<string>
): Promise<void> {
  for (const { format, file } of files) {
    const report = await render(format)
    attempt(format, file, () => writeFileSync(file, report))
  }
}

/**
 * Does a run and writes the files that were asked for, whatever comes of it: where there is no result they say why. A file
 * that cannot be written any more is told on stderr; the verdict stands. Throws what `openReportFiles` and `run` throw.
 */
export async function withReportFiles (
  args: Args, context: Context, title: string, run: () => Promise<RunResult>
): Promise<RunResult> {
  const files = openReportFiles(args)
  const startedAt = new Date(context.clock.wall()).toISOString()
  const write = async (render: (format: ReportFormat) => string): Promise<void> => {
    try {
      await writeReports(files, render)
    } catch (error) {
      const { message, details } = toPremortemError(error)
      context.stderr.write(`premortem: ${message}: ${String(details.found)}\n`)
    }
  }
  let result: RunResult
  try {
    result = await run()
  } catch (error) {
    const { code, message } = toPremortemError(error)
    await write((format) => rendererOf(format).broken!({ id: null, title, startedAt, why: `${code}: ${message}` }))
    throw error
  }
  await write((format) => rendererOf(format).render(result, PLAIN))
  return result
}

function prepare (file: string): void {
  makeFolder(dirname(resolve(file)))
  closeSync(openSync(file, 'a'))
  // A terminal or a pipe has nothing to forget.
  if (!lstatSync(file).isFile()) return
  try {
    rmSync(file)
  } catch {
    // Its folder is another's, or it is mounted.
    truncateSync(file)
  }
}

// One by one: where a folder cannot hold others, as in /proc, Node's `recursive` never ends.
function makeFolder (folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

function attempt (format: string, file: string, io: () => void): void {
  try {
    io()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new PremortemError('PMT_ERR_FILE_UNREADABLE', { message: 'the report cannot be written', path: `--${format}`, found: `${file} (${code ?? 'unwritable'})`, wanted: 'a file that can be written', cause })
  }
}
