import { test } from 'tap'
import { COMMANDS } from '../../src/cli/commands.ts'
import { parseArgv } from '../../src/cli/parse.ts'
import { VERSION } from '../../src/premortem.ts'

const chosen = (...argv: string[]) => {
  const parsed = parseArgv(argv, 80)
  if ('text' in parsed) throw new Error(parsed.text)
  return parsed
}
const shown = (...argv: string[]): string => (parseArgv(argv, 80) as { text: string }).text

test('words choose a command, also one of a group', async (t) => {
  t.equal(chosen('run', 'x.yaml').command.usage.command, 'run <file>')
  t.equal(chosen('fault', 'list').command.usage.command, 'fault list [proxy]')
  t.match(chosen('fault', 'remove', 'p', '--all').args, { proxy: 'p', all: true })
})

test('arguments stay as they were typed', async (t) => {
  const { args } = chosen('whatif', 'payments', 'delay', 'delay=007', '--slo', 'p95<=300ms', '--slo=success>=99%', '--for', '1e3', 'hang', '--json')
  t.match(args, { proxy: 'payments', fault: ['delay', 'delay=007', 'hang'], slo: ['p95<=300ms', 'success>=99%'], for: '1e3', json: true })
})

test('help and version are texts', async (t) => {
  t.equal(shown('--version'), VERSION)
  const help = shown('--help')
  for (const { usage } of COMMANDS) t.match(help, usage.command.split(' ')[0]!)
  t.ok(help.split('\n').every((line) => line.length <= 80))
  t.match(shown('fault', '--help'), /fault add <proxy> <fault\.\.>/)
})

test('every command explains itself with examples that parse', async (t) => {
  for (const { usage } of COMMANDS) {
    const words = usage.command.split(' ').filter((word) => /^\w/.test(word))
    const help = shown(...words, '--help')
    t.match(help, usage.summary.slice(0, 20))
    t.match(help, 'Examples:')
    for (const [line] of usage.examples) {
      const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)
      t.equal(chosen(...argv).command.usage.command, usage.command, line)
    }
  }
})

test('mistakes are usage errors that help', async (t) => {
  const refused = (argv: string[], details: object): void => {
    t.throws(() => parseArgv(argv, 80), { code: 'PMT_ERR_USAGE', details }, argv.join(' '))
  }
  refused([], { found: 'nothing', wanted: /^one of demo, whatif/ })
  refused(['servee'], { found: 'servee', hint: 'did you mean `serve`?' })
  refused(['fault'], { wanted: 'one of add, list, remove' })
  refused(['fault', 'lst'], { found: 'lst', hint: 'did you mean `list`?' })
  refused(['whatif', 'p', 'delay', '--slo', 'x', '--dely', '5'], { found: '--dely', hint: 'did you mean `--delay`?' })
  refused(['whatif', 'p'], { message: 'an argument is missing', wanted: 'premortem whatif <proxy> <fault..>' })
  refused(['serve', 'extra'], { message: 'one argument too many', found: 'extra' })
  refused(['halt', '--reason'], { message: /reason/ })
  refused(['halt', '--config', 'x', '--control', 'http://127.0.0.1:1'], { message: /mutually exclusive/ })
  refused(['report', 'latest', '--format', 'pdf'], { message: /Given: "pdf", Choices: "text", "json"/ })
})
