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

/** The reason of a halt that a signal asked for. */
const PANIC = 'SIGUSR2'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(FORCED)
    interrupt.abort(`interrupted by ${signal}`)
  })
}

// The panic lever: for whoever is there by then, or the first to come.
const pulls = new Set<(reason: string) => void>()
let panicked = false
const onPanic = (pull: (reason: string) => void): () => void => {
  pulls.add(pull)
  if (panicked) pull(PANIC)
  return () => { pulls.delete(pull) }
}
process.on('SIGUSR2', () => {
  panicked = pulls.size === 0
  for (const pull of pulls) pull(PANIC)
})

// A reader that has seen enough (`| head`) is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
// Traffic goes on when the log cannot be written, as on a full disk; there is nobody left to tell.
stderr.on('error', () => {})

// A file that may not grow any more (`ulimit -f`) is a failed write, as on a full disk, and no reason to end.
process.on('SIGXFSZ', () => {})

const crash = (error: unknown): void => {
  stderr.write(`${printError(error, { ...look, color: false }, { debug: env.PREMORTEM_DEBUG === '1' })}\n`, () => process.exit(70))
}
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)

const context = { stdout, stderr, env, signal: interrupt.signal, onPanic, clock: createSystemClock(), look }
const exitCode = await runCli(process.argv.slice(2), context)

// What was printed is out before the process ends, however slow its reader is.
stderr.write('', () => stdout.write('', () => process.exit(exitCode)))
