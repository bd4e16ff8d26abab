import type { Command } from './command.ts'
import { caBundle } from './commands/ca-bundle.ts'
import { caExport } from './commands/ca-export.ts'
import { caInit } from './commands/ca-init.ts'
import { caShow } from './commands/ca-show.ts'
import { decisions } from './commands/decisions.ts'
import { demo } from './commands/demo.ts'
import { faultAdd } from './commands/fault-add.ts'
import { faultList } from './commands/fault-list.ts'
import { faultRemove } from './commands/fault-remove.ts'
import { faultTypes } from './commands/fault-types.ts'
import { halt } from './commands/halt.ts'
import { limit } from './commands/limit.ts'
import { plan } from './commands/plan.ts'
import { proxyDisable } from './commands/proxy-disable.ts'
import { proxyEnable } from './commands/proxy-enable.ts'
import { proxyList } from './commands/proxy-list.ts'
import { report } from './commands/report.ts'
import { run } from './commands/run.ts'
import { runs } from './commands/runs.ts'
import { schedule } from './commands/schedule.ts'
import { serve } from './commands/serve.ts'
import { validate } from './commands/validate.ts'
import { whatif } from './commands/whatif.ts'

/** Every command, in the order `--help` shows them. */
export const COMMANDS: readonly Command[] = [
  demo, whatif, run, limit, plan, validate, report, runs, schedule, serve, proxyList, proxyEnable, proxyDisable, faultAdd,
  faultList, faultRemove, faultTypes, decisions, halt, caInit, caShow, caExport, caBundle
]

/** What groups of commands are for. */
export const GROUPS: Readonly<Record<string, string>> = {
  ca: 'Makes, shows and hands out a CA for tests, whose certificates clients trust',
  fault: 'Sets, shows and removes faults by hand',
  proxy: 'Shows, enables and disables the proxies of a running sidecar'
}
