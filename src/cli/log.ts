import { pino } from 'pino'
import type { Logger } from '../kernel/log.ts'
import type { Output } from './command.ts'

/** Levels of the log, from the most to the least said. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** A logger that writes lines of JSON, or on a terminal lines for people. */
export function createLogger (output: Output, level: string): Logger {
  const write = output.isTTY === true ? (line: string) => output.write(forPeople(line)) : (line: string) => output.write(line)
  return pino({ level, base: undefined, formatters: { level: (label) => ({ level: label }) } }, { write }) as unknown as Logger
}

function forPeople (line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as { level: string, time: number, msg?: string }
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  // A live line may stand where this goes; it is drawn again soon.
  return `\r\x1b[2K${[new Date(time).toISOString().slice(11, 23), level.padEnd(5), msg ?? '', ...rest].join(' ')}\n`
}
