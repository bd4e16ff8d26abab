#!/usr/bin/env node
import { runCli } from './cli/cli.ts'
import { printError } from './cli/print-error.ts'
import { createSystemClock } from './kernel/clock.ts'
import { supportsUnicode } from './report/layout.ts'

const { stdout, stderr, env } = process
const interrupt = new AbortController()
const look = {
  color: env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
  width: stdout.columns ?? 80,
  unicode: stdout.isTTY === true && supportsUnicode(env)
}

/** What a shell calls a process that Ctrl-C ended. */
const FORCED = 130

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(FORCED)
    interrupt.abort(`interrupted by ${signal}`)
  })
}

// A reader that has seen enough (`| head`) is no error.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const crash = (error: unknown): void => {
  stderr.write(`${printError(error, { ...look, color: false }, { debug: env.PREMORTEM_DEBUG === '1' })}\n`, () => process.exit(70))
}
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)

const context = { stdout, stderr, env, signal: interrupt.signal, clock: createSystemClock(), look }
const exitCode = await runCli(process.argv.slice(2), context)

// What was printed is out before the process ends, however slow its reader is.
stderr.write('', () => stdout.write('', () => process.exit(exitCode)))
