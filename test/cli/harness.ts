import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { runCli } from '../../src/cli/cli.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { Premortem } from '../../src/premortem.ts'

/** What came of a command line. */
export interface Outcome { code: number, out: string, err: string }

/** Runs a command line in this process, without a terminal. */
export async function cli (
  argv: string[], options: { env?: Record<string, string>, signal?: AbortSignal } = {}
): Promise<Outcome> {
  let out = ''
  let err = ''
  const code = await runCli(argv, {
    stdout: { write: (text) => { out += text } },
    stderr: { write: (text) => { err += text } },
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
    clock: createSystemClock(),
    look: { color: false, width: 80, unicode: false }
  })
  return { code, out, err }
}

/** An http service that answers 200 at once; its port. */
export async function startService (t: Test): Promise<number> {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => { server.close(resolve) })
  })
  return (server.address() as AddressInfo).port
}

/** A sidecar to talk to: proxies `edge` (http, two nodes of one service) and `raw` (tcp). */
export async function startSidecar (t: Test): Promise<{ premortem: Premortem, control: string, edge: string, data: string }> {
  const port = await startService(t)
  const data = t.testdir({})
  const premortem = new Premortem(decodeConfig({
    control: { listen: '127.0.0.1:0' },
    data,
    seed: 1,
    proxies: [
      { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: [`one=127.0.0.1:${port}`, `two=127.0.0.1:${port}`] },
      { name: 'raw', listen: '127.0.0.1:0', protocol: 'tcp', upstream: `127.0.0.1:${port}` }
    ]
  }, () => 'unused'))
  t.teardown(() => premortem.stop())
  await premortem.start()
  return { premortem, control: premortem.controlUrl!, edge: `http://127.0.0.1:${premortem.proxies.get('edge').address.port}/`, data }
}
