import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { parseArgv } from '../../src/cli/parse.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { EXIT_CODES } from '../../src/experiment/result.ts'
import type { RunOutcome } from '../../src/experiment/result.ts'
import { parseText } from '../../src/kernel/text.ts'

const page = readFileSync(new URL('../../docs/automation.md', import.meta.url), 'utf8')
const blocks = (kind: string): string[] => [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!)

/** The command lines of premortem in a script, without its own words: a shell's quotes, its `||` and its line ends. */
function commandsOf (script: string): string[][] {
  return [...script.replaceAll('\\\n', ' ').matchAll(/(?:^|npx )premortem (.*)$/gm)]
    .map(([, line]) => line!.replace(/\s(#|\|\||>).*$/, '').split(/\s+/).map((word) => word.replaceAll(/['"]/g, '')))
}

test('every command is one', async (t) => {
  const lines = [...blocks('sh'), ...blocks('yaml').flatMap(scriptsOf)].flatMap(commandsOf)
  t.ok(lines.length >= 6)
  for (const line of lines) t.ok('command' in parseArgv(line, 80), line.join(' '))
  t.match(lines.filter(([name]) => name === 'run').map((line) => line.filter((word) => word.startsWith('--'))), [
    ['--junit', '--markdown'], ['--config', '--junit', '--markdown'], ['--config', '--junit', '--markdown']
  ])
})

/** What a job of GitHub Actions or GitLab runs. */
function scriptsOf (text: string): string[] {
  type Pipeline = { jobs?: Record<string, { steps: { run?: string }[] }>, premortem?: { script: string[] } }
  const { jobs, premortem } = parseText(text).value as Pipeline
  return [...Object.values(jobs ?? {}).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])), ...premortem?.script ?? []]
}

test('the examples are YAML that the two systems know', async (t) => {
  const [github, gitlab, schedule] = blocks('yaml').map((text) => parseText(text).value)
  t.match(github, { name: String, on: { pull_request: null, schedule: [{ cron: String }] }, jobs: { premortem: { 'runs-on': String, steps: Array } } })
  for (const step of (github as { jobs: { premortem: { steps: object[] } } }).jobs.premortem.steps) t.ok('uses' in step || 'run' in step)
  t.equal(decodeConfig(schedule, () => 'unused', 'premortem.yaml').schedule[0]?.jitter, 600_000)
  t.match(gitlab, { premortem: { script: Array, allow_failure: { exit_codes: [3] }, artifacts: { reports: { junit: 'premortem.xml' } } } })
})

test('every outcome stands in the table with its exit code', async (t) => {
  const rows = [...page.matchAll(/^\| (\d+) \| ([a-z ]*) \|/gm)].map(([, code, outcome]) => [outcome!.trim().replaceAll(' ', '-'), Number(code)] as const)
  t.same(Object.fromEntries(rows.filter(([outcome]) => outcome !== '')), EXIT_CODES satisfies Record<RunOutcome, number>)
})
