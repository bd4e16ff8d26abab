import { DEFAULT_DATA } from '../../config/schema.ts'
import { runDemo } from '../../demo/demo.ts'
import { runLimitDemo } from '../../demo/limit.ts'
import { defineCommand, given, text } from '../command.ts'
import { showLive } from '../live.ts'

/** Shows premortem at work on a small shop of its own. */
export const demo = defineCommand<number>({
  usage: {
    command: 'demo',
    summary: 'Breaks a small shop, naive and resilient, and shows what premortem finds out',
    options: {
      limit: { type: 'boolean', describe: 'finds out how slow payments may be, where the answer is known' },
      quick: { type: 'boolean', describe: 'shorter phases, under a minute in all' },
      data: { type: 'string', requiresArg: true, default: DEFAULT_DATA, describe: 'folder for the runs and their journals' }
    },
    examples: [
      ['demo --quick', 'all three questions, both shops, in less than a minute'],
      ['demo --limit', 'where the shop breaks: what it should be, and what is found']
    ]
  },
  run: (args, context) => (given(args, 'limit') ? runLimitDemo : runDemo)({
    ...context.look,
    quick: given(args, 'quick'),
    out: (words) => { if (!context.json) context.stdout.write(words) },
    dataFolder: text(args, 'data')!,
    live: (read, lengths) => showLive(context, read, lengths),
    signal: context.signal
  }),
  views: { human: () => '', json: (exitCode) => ({ exitCode }) },
  exit: (exitCode) => exitCode
})
