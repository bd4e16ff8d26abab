import { pino } from 'pino'
import { test } from 'tap'
import { silentLogger } from '../../src/kernel/log.ts'
import type { Logger } from '../../src/kernel/log.ts'

test('the silent logger takes everything and says nothing', async (t) => {
  const written: unknown[] = []
  t.capture(process.stdout, 'write', (chunk: unknown) => written.push(chunk))
  t.capture(process.stderr, 'write', (chunk: unknown) => written.push(chunk))
  const logger = silentLogger.child({ proxy: 'edge' })
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    logger[level]('text')
    logger[level]({ a: 1 }, 'text')
  }
  t.strictSame(written, [])
})

test('a pino logger fits as it is', async (t) => {
  const lines: { msg: string, proxy?: string, port?: number }[] = []
  const logger: Logger = pino({ base: null }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  logger.child({ proxy: 'edge' }).info({ port: 8080 }, 'listening')
  logger.warn('text')
  t.match(lines, [{ msg: 'listening', proxy: 'edge', port: 8080 }, { msg: 'text' }])
})
