import { test } from 'tap'
import { defineCommand, given, text, texts } from '../../src/cli/command.ts'

test('arguments are read as text, texts and switches', async (t) => {
  const args = { one: 'a', many: ['a', 'b'], yes: true, no: false }
  t.equal(text(args, 'one'), 'a')
  t.equal(text(args, 'many'), 'b', 'the last one given counts')
  t.equal(text(args, 'none'), undefined)
  t.same(texts(args, 'one'), ['a'])
  t.same(texts(args, 'many'), ['a', 'b'])
  t.same(texts(args, 'none'), [])
  t.same([given(args, 'yes'), given(args, 'no'), given(args, 'none')], [true, false, false])
})

test('a command is what was declared', async (t) => {
  const declared = {
    usage: { command: 'x', summary: 'does x', examples: [] }, run: async () => 1, views: { human: (n: number) => String(n), json: (n: number) => n }
  }
  t.equal(defineCommand<number>(declared), declared)
})
