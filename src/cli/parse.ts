import yargs from 'yargs'
import type { Argv } from 'yargs'
import { PremortemError } from '../kernel/errors.ts'
import { nearest } from '../kernel/schema.ts'
import { VERSION } from '../premortem.ts'
import type { Args, Command } from './command.ts'
import { COMMANDS, GROUPS } from './commands.ts'

/** What a command line asks for: a command with its arguments, or a text to print. */
export type Parsed = { command: Command, args: Args } | { text: string }

/** Flags that every command has. */
const GLOBAL = ['json', 'help', 'version']

const INTRODUCTION = `$0 COMMAND

Stands between a service and what it calls, breaks it on purpose, a little,
for a minute, and says whether the service level objective held.`

const EPILOGUE = `Exit codes: 0 held, 1 breached, 2 usage or invalid file, 3 inconclusive,
4 aborted, 5 baseline not steady, 6 fault did not land, 7 not recovered,
70 a bug (PREMORTEM_DEBUG=1 shows where), 130 interrupted.`

/** Reads a command line, without the words for node and the script. Throws PMT_ERR_USAGE, with the nearest known word. */
export function parseArgv (argv: readonly string[], width: number): Parsed {
  let chosen: Parsed | undefined
  let shown = ''
  let refused: Error | undefined
  const choose = (command: Command) => (args: Args): void => { chosen = { command, args } }

  const root = add(settings(yargs([]), width), COMMANDS.filter((command) => groupOf(command) === undefined), choose)
  for (const [group, summary] of Object.entries(GROUPS)) {
    const members = COMMANDS.filter((command) => groupOf(command) === group)
    root.command(group, summary, (next) => add(next, members, choose).demandCommand(1, 'a command is missing'))
  }
  root.parse([...argv], {}, (error: Error | undefined, _: unknown, output: string) => {
    refused = error
    shown = output
  })
  if (refused instanceof PremortemError) throw refused
  if (refused != null) throw usageError(refused.message, argv)
  return chosen ?? { text: shown }
}

function settings (parser: Argv, width: number): Argv {
  return parser
    .scriptName('premortem')
    .usage(INTRODUCTION)
    .epilogue(EPILOGUE)
    .option('json', { type: 'boolean', describe: 'plain data for machines, and nothing else' })
    .help()
    .alias('h', 'help')
    .version(VERSION)
    .locale('en')
    .wrap(Math.min(120, width))
    .strict()
    .demandCommand(1, 'a command is missing')
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false
    })
}

function add (parser: Argv, commands: readonly Command[], choose: (command: Command) => (args: Args) => void): Argv {
  for (const command of commands) {
    const { usage } = command
    const words = groupOf(command) === undefined ? usage.command : usage.command.slice(usage.command.indexOf(' ') + 1)
    parser.command({
      command: words,
      describe: usage.summary,
      builder: (own) => {
        for (const [name, positional] of Object.entries(usage.positionals ?? {})) own.positional(name, positional)
        own.options(usage.options ?? {})
        for (const [line, what] of usage.examples) own.example(`$0 ${line}`, what)
        return own.usage(`$0 ${usage.command}\n\n${usage.summary}.`).epilogue('')
      },
      handler: choose(command)
    })
  }
  return parser
}

function groupOf ({ usage }: Command): string | undefined {
  const [first] = usage.command.split(' ')
  return Object.keys(GROUPS).find((group) => group === first)
}

function usageError (message: string, argv: readonly string[]): PremortemError {
  const known = knownFor(argv)
  const unknown = /^Unknown (?:argument|command)s?: (.+)$/.exec(message)?.[1]?.split(', ')[0]
  if (unknown === undefined) {
    const few = message.startsWith('Not enough non-option arguments')
    return new PremortemError('PMT_ERR_USAGE', {
      message: few ? 'an argument is missing' : message.trim().replace(/\s+/g, ' '),
      found: argv.join(' ') || 'nothing',
      wanted: known.usage
    })
  }
  const isFlag = argv.some((word) => word.replace(/^--?/, '').split('=')[0] === unknown && word.startsWith('-'))
  const words = isFlag ? known.options : known.commands
  const near = nearest(unknown, words)
  const sign = isFlag ? '--' : ''
  return new PremortemError('PMT_ERR_USAGE', {
    message: isFlag ? 'no such option' : known.commands.length > 0 ? 'no such command' : 'one argument too many',
    found: `${sign}${unknown}`,
    wanted: isFlag ? undefined : known.usage,
    hint: near === undefined ? undefined : `did you mean \`${sign}${near}\`?`
  })
}

/** What could stand where a command line failed, and how it is written. */
interface Known { commands: string[], options: string[], usage: string }

function knownFor (argv: readonly string[]): Known {
  const typed = argv.filter((word) => !word.startsWith('-'))
  const command = COMMANDS.find(({ usage }) => {
    const words = usage.command.split(' ').filter((word) => /^\w/.test(word))
    return words.every((word, i) => typed[i] === word)
  })
  if (command !== undefined) {
    return { commands: [], options: [...GLOBAL, ...Object.keys(command.usage.options ?? {})], usage: `premortem ${command.usage.command}` }
  }
  const inGroup = COMMANDS.filter((member) => groupOf(member) !== undefined && groupOf(member) === typed[0])
  const place = inGroup.length > 0 ? 1 : 0
  const commands = [...new Set((place === 1 ? inGroup : COMMANDS).map(({ usage }) => usage.command.split(' ')[place]!))]
  return { commands, options: GLOBAL, usage: `one of ${commands.join(', ')}` }
}
