import type { Options, PositionalOptions } from 'yargs'
import type { Clock } from '../kernel/clock.ts'
import type { Look } from '../report/renderer.ts'

/** Where a command writes to; a stream of the process fits. */
export interface Output { isTTY?: boolean, columns?: number, write (text: string): unknown }

/** What a command has to work with beside its arguments. */
export interface Context {
  stdout: Output
  stderr: Output
  env: Record<string, string | undefined>
  /** Aborted by Ctrl-C or SIGTERM; the reason is a text that says which. */
  signal: AbortSignal
  /** Calls `pull` with a reason when this process is told to pull the panic lever, until the returned function is called. */
  onPanic?: (pull: (reason: string) => void) => () => void
  clock: Clock
  /** Whether `--json` was given. */
  json: boolean
  look: Look
}

/** What a person typed, checked against the command's options. */
export type Args = Readonly<Record<string, unknown>>

/** How a command is called. `command` is its words and, in brackets, its positional arguments, as yargs writes them. */
export interface Usage {
  command: string
  summary: string
  positionals?: Record<string, PositionalOptions>
  options?: Record<string, Options>
  /** A command line without the word `premortem`, and what it does. */
  examples: readonly (readonly [string, string])[]
}

/** A command: how it is called, what it does, and how its result is shown. Showing never happens in `run`. */
export interface Command<Result = unknown> {
  usage: Usage
  views: {
    /** Text for people, without a line break at its end; nothing is printed if it is empty. */
    human: (result: Result, look: Look) => string
    /** Plain data for machines. */
    json: (result: Result) => unknown
  }
  run (args: Args, context: Context): Promise<Result>
  /** The exit code a result stands for; 0 if left out. */
  exit? (result: Result): number
  /** Goes on after the result was shown, until the work is over. */
  stay? (result: Result, context: Context): Promise<void>
}

/** Declares a command; its result's type follows from `run`. */
export function defineCommand<Result> (command: Command<Result>): Command {
  return command as Command
}

/** The text of an option or a positional argument; undefined if it was not given. */
export function text (args: Args, name: string): string | undefined {
  const value = args[name]
  return value === undefined ? undefined : String([value].flat().at(-1))
}

/** All texts of an option that may be given several times, or of a list of positional arguments. */
export function texts (args: Args, name: string): string[] {
  const value = args[name]
  return value === undefined ? [] : [value].flat().map(String)
}

/** Whether a switch was given. */
export function given (args: Args, name: string): boolean {
  return args[name] === true
}
