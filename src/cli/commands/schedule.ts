import type { Occurrence, ScheduleView } from '../../experiment/schedule.ts'
import { columns, plain } from '../../report/layout.ts'
import { defineCommand } from '../command.ts'
import { controlOptions, openClient } from '../control.ts'

/** Shows what a sidecar runs again and again. */
export const schedule = defineCommand<ScheduleView[]>({
  usage: {
    command: 'schedule',
    summary: 'Shows the scheduled experiments of a running sidecar: the next times, and what came of the last',
    options: controlOptions,
    examples: [['schedule --json', 'with the next three times, for a machine']]
  },
  run: (args, context) => openClient(args, context).schedule(),
  views: {
    human (views, look) {
      if (views.length === 0) return 'nothing is scheduled: `schedule` of the configuration says what to run when'
      const reasons = views.filter(({ last }) => last !== null && last.reason !== null)
      return [
        ...columns([['name', 'cron', 'zone', 'next (UTC)', 'last (UTC)', 'came of it'], ...views.map((view) => [
          view.name,
          view.cron,
          view.zone,
          view.enabled ? minuteOf(view.nextAt) : 'disabled',
          minuteOf(view.last?.due ?? null),
          view.last === null ? '-' : cameOf(view.last)
        ])], look),
        ...reasons.map(({ name, last }) => `${name}: ${last!.kind}, because ${plain(last!.reason!)}`)
      ].join('\n')
    },
    json: (views) => views
  }
})

const minuteOf = (time: string | null): string => time === null ? '-' : time.slice(0, 16).replace('T', ' ')

function cameOf ({ kind, run, outcome }: Occurrence): string {
  if (run === null) return kind
  return `${outcome === null ? 'in progress' : outcome.replaceAll('-', ' ')} (${run})`
}
