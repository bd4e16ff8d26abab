import { PremortemError } from '../kernel/errors.ts'
import type { Context } from './command.ts'
import { parseArgv } from './parse.ts'
import { printError } from './print-error.ts'

/** Does what a command line says and resolves with the exit code. The context's `json` is filled in from it. */
export async function runCli (argv: readonly string[], context: Omit<Context, 'json'>): Promise<number> {
  const { stdout, stderr, look, env } = context
  try {
    const parsed = parseArgv(argv, look.width)
    if ('text' in parsed) {
      stdout.write(`${parsed.text}\n`)
      return 0
    }
    const { command, args } = parsed
    const json = args.json === true
    const inContext: Context = { ...context, json }
    const result = await command.run(args, inContext)
    const shown = json ? JSON.stringify(command.views.json(result), null, 2) : command.views.human(result, look)
    if (shown !== '') stdout.write(`${shown}\n`)
    await command.stay?.(result, inContext)
    return command.exit?.(result) ?? 0
  } catch (error) {
    const options = { json: argv.includes('--json'), debug: env.PREMORTEM_DEBUG === '1' }
    stderr.write(`${printError(error, { ...look, color: look.color && stderr.isTTY === true }, options)}\n`)
    return exitCodeOf(error)
  }
}

function exitCodeOf (error: unknown): number {
  return error instanceof PremortemError ? error.exit : 70
}
