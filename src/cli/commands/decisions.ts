import type { DecisionList, DecisionView, ReplayView } from '../../proxy/decision-view.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { columns, plain } from '../../report/layout.ts'
import type { Look } from '../../report/renderer.ts'
import { defineCommand, given, text } from '../command.ts'
import type { Args } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** Shows which requests met which faults, and why. */
export const decisions = defineCommand<DecisionList | ReplayView>({
  usage: {
    command: 'decisions <proxy>',
    summary: 'Shows which requests met which faults, and why each was hit or not',
    positionals: { proxy: { type: 'string', demandOption: true, describe: 'the proxy' } },
    options: {
      fault: { type: 'string', requiresArg: true, describe: 'only what the fault of this id decided' },
      hit: { type: 'boolean', describe: 'only where a fault hit' },
      spared: { type: 'boolean', describe: 'only where none did' },
      path: { type: 'string', requiresArg: true, describe: 'only requests of this path; as in match.path' },
      connection: { type: 'string', requiresArg: true, describe: 'only of this connection' },
      id: { type: 'string', requiresArg: true, describe: 'only this one, as x-premortem-decision names it' },
      limit: { type: 'string', requiresArg: true, describe: 'how many, the newest first; 100 unless told' },
      replay: { type: 'boolean', describe: 'what the fault hit, to be given back as its replay=@FILE' },
      ...controlOptions
    },
    examples: [
      ['decisions payments --path "/charge/**" --spared', 'why charges were not hit'],
      ['decisions payments --fault status-1 --replay', 'what to put into a file, to hit the same again: replay=@FILE']
    ]
  },
  async run (args, context) {
    const client = openClient(args, context)
    const proxy = text(args, 'proxy')!
    const fault = text(args, 'fault')
    if (given(args, 'replay')) {
      if (fault === undefined) throw new PremortemError('PMT_ERR_USAGE', { message: 'a replay is of one fault', found: '--replay alone', wanted: '--fault ID beside it' })
      return client.replay(proxy, fault)
    }
    return client.decisions(proxy, {
      fault, hit: readHit(args), path: text(args, 'path'), connection: text(args, 'connection'), id: text(args, 'id'), limit: text(args, 'limit')
    })
  },
  views: {
    human: (found, look) => 'replay' in found ? JSON.stringify(found) : decisionTable(found, look),
    json: (found) => found
  }
})

function readHit (args: Args): boolean | undefined {
  const [hit, spared] = [given(args, 'hit'), given(args, 'spared')]
  if (hit && spared) throw new PremortemError('PMT_ERR_USAGE', { message: '--hit and --spared exclude each other', found: 'both', wanted: 'one of them, or none for all' })
  return hit === spared ? undefined : hit
}

/** A row for each fault that a request met. */
function decisionTable ({ complete, decisions }: DecisionList, look: Look): string {
  if (decisions.length === 0) return `no decision${complete ? '' : ' among the last thousand'} fits`
  const rows = decisions.flatMap((decision) => decision.faults.map(({ fault, n, why }, i) => [
    ...i > 0 ? ['', '', '', '', ''] : [String(decision.id), decision.time, String(decision.connection), subject(decision), String(decision.revision)],
    fault, n === 0 ? '-' : String(n), plain(why)
  ]))
  return columns([['id', 'time', 'connection', 'what', 'plan', 'fault', 'n', 'why'], ...rows], look, { right: [0, 2, 4, 6] }).concat(complete ? [] : ['older ones are forgotten: a proxy keeps a thousand']).join('\n')
}

const subject = ({ exchange, method, path }: DecisionView): string => exchange === 0 ? 'the connection' : plain(`${method} ${path}`)
