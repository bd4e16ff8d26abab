import type { TSchema } from 'typebox'
import { stringify } from 'yaml'
import { CATALOGUE } from '../../faults/catalogue.ts'
import type { FaultType } from '../../faults/fault.ts'
import { describe } from '../../kernel/schema.ts'
import { columns, paint, wrap } from '../../report/layout.ts'
import type { Look } from '../../report/renderer.ts'
import { defineCommand, text } from '../command.ts'
import { typeNamed } from '../fault-words.ts'

type Param = TSchema & { description?: string, default?: unknown }

/** Shows which types of faults there are, and what one of them takes. */
export const faultTypes = defineCommand<readonly FaultType[]>({
  usage: {
    command: 'fault types [type]',
    summary: 'Shows the types of faults, or the parameters and limits of one',
    positionals: { type: { type: 'string', describe: 'a type of fault; all of them if left out' } },
    examples: [
      ['fault types', 'what can be broken'],
      ['fault types latency', 'what latency takes, and what it cannot do']
    ]
  },
  async run (args) {
    const name = text(args, 'type')
    return name === undefined ? CATALOGUE : [typeNamed(name)]
  },
  views: {
    human: (types, look) => types.length === 1 ? showOne(types[0]!, look) : showAll(types, look),
    json: (types) => types.map((type) => ({
      type: type.type, layer: type.layer, ...type.layer === 'tls' ? { needs: type.needs, aliases: type.aliases ?? {} } : {}, params: type.params, doc: type.doc
    }))
  }
})

function showAll (types: readonly FaultType[], look: Look): string {
  const longest = Math.max(...types.map(({ type }) => type.length))
  const rows = types.flatMap(({ type, layer, doc }) => {
    const [first, ...more] = wrap(doc.summary, Math.max(20, look.width - longest - ' stream '.length - 2))
    return [[type, layer, first!], ...more.map((line) => ['', '', line])]
  })
  return columns([['type', 'layer', 'what it does'], ...rows], look).join('\n')
}

function showOne (shown: FaultType, look: Look): string {
  const { type, layer, params, doc } = shown
  const heading = (words: string): string => paint(look, 'bold', words)
  const paragraph = (words: string): string => wrap(`  ${words}`, look.width, '  ').join('\n')
  const fields = Object.entries(params.properties as Record<string, Param>).flatMap(([name, param]) => [
    `  ${name}${param.default === undefined ? '' : ` = ${JSON.stringify(param.default)}`}`,
    ...wrap(`      ${param.description}`, look.width, '      '),
    ...wrap(`      takes ${describe(param)}`, look.width, '      ')
  ])
  const aliases = layer === 'tls' ? Object.entries(shown.aliases ?? {}) : []
  const names = aliases.map(([name, stands]) => [name, ...Object.entries(stands).map(([key, value]) => `${key}=${value}`)].join(' '))
  return [
    `${heading(type)} (${layer})`, paragraph(doc.summary), '',
    ...names.length === 0 ? [] : [heading('Also called'), paragraph(names.join(', ')), ''],
    heading('Parameters'), ...(fields.length === 0 ? ['  none'] : fields), '',
    heading('Example'), ...stringify([doc.example]).trimEnd().split('\n').map((line) => `  ${line}`), '',
    heading('A client sees'), paragraph(`curl: ${doc.seen.curl}`), paragraph(`Node: ${doc.seen.node}`), '',
    heading('Limits'), paragraph(doc.limits)
  ].join('\n')
}
