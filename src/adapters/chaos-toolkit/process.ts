import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { findExecutable } from './executable.ts'
import { ActivityFailed } from './failure.ts'
import type { ProviderTools } from './provider.ts'
import { isObject, pythonText } from './python.ts'
import type { Json, JsonObject } from './types.ts'

/** How long a program that is told to end may take, in milliseconds. */
const GRACE = 2000

/**
 * Runs the program that a process provider names: `{ status, stdout, stderr }`. Arguments that are text go through a shell.
 * Ends it, and what it has started, when the time is over or the signal aborts. No exit code is a failure. Throws ActivityFailed
 * and the signal's reason.
 */
export async function runProcess (provider: JsonObject, tools: ProviderTools, signal: AbortSignal): Promise<Json> {
  const child = start(provider, tools)
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  const timeout = typeof provider.timeout === 'number' ? provider.timeout * 1000 : tools.timeout
  let late = false
  const cancels = [timeout === null
    ? () => {}
    : tools.clock.after(timeout, () => {
      late = true
      kill(child, 'SIGKILL')
    })]
  const stop = (): void => {
    kill(child, 'SIGTERM')
    cancels.push(tools.clock.after(GRACE, () => kill(child, 'SIGKILL')))
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const status = await endOf(child)
    if (signal.aborted) throw signal.reason
    if (late) throw new ActivityFailed('process activity took too long to complete')
    return { status, stdout: decode(out), stderr: decode(err) }
  } finally {
    for (const cancel of cancels) cancel()
    signal.removeEventListener('abort', stop)
  }
}

function start ({ path, arguments: args }: JsonObject, { env }: ProviderTools): ChildProcess {
  // A group of its own, so that what it starts ends with it.
  const options = { env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
  const found = findExecutable(String(path), env)
  if (typeof found === 'string') throw new ActivityFailed(`path '${String(path)}' ${found === 'missing' ? 'cannot be found' : 'cannot be executed'}`)
  if (typeof args === 'string') return spawn(`${shellWord(found.file)} ${args}`, { ...options, shell: true })
  return spawn(found.file, argumentsOf(args ?? null), options)
}

// What stands in a file as a path is one word, whatever is in it.
const shellWord = (word: string): string => /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** A mapping is its names and values in turn; what is null or empty is left out. */
function argumentsOf (args: Json): string[] {
  const list = Array.isArray(args) ? args : isObject(args) ? Object.entries(args).flat() : []
  return list.filter((item) => item !== null && item !== '').map(pythonText)
}

/** The exit code once all output is read; below 0 the number of the signal that ended it, as Python has it. */
function endOf (child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new ActivityFailed(error.message)))
    child.on('close', (code, signal) => resolve(code ?? -(SIGNALS[signal ?? ''] ?? 1)))
  })
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15
}

function kill ({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch { /* it has ended by itself */ }
}

function decode (chunks: readonly Buffer[]): string {
  const bytes = Buffer.concat(chunks)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
