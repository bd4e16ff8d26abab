import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { COMMANDS, GROUPS } from '../../src/cli/commands.ts'

const wordsOf = (command: string): string[] => command.split(' ').filter((word) => /^\w/.test(word))

test('every command has a file of its name, and every file is in the list', async (t) => {
  const files = readdirSync('src/cli/commands').map((file) => file.replace('.ts', ''))
  t.same(COMMANDS.map(({ usage }) => wordsOf(usage.command).join('-')).sort(), files.sort())
})

test('commands of two words belong to a group that is explained', async (t) => {
  const groups = COMMANDS.map(({ usage }) => wordsOf(usage.command)).filter((words) => words.length > 1).map(([group]) => group!)
  t.same([...new Set(groups)].sort(), Object.keys(GROUPS).sort())
})

test('every positional argument is described', async (t) => {
  for (const { usage } of COMMANDS) {
    const names = [...usage.command.matchAll(/[<[](\w+)/g)].map(([, name]) => name!)
    t.same(Object.keys(usage.positionals ?? {}).sort(), names.sort(), usage.command)
  }
})
