import { createServer } from 'node:https'
import type { RequestListener } from 'node:http'
import { Agent, request } from 'node:https'
import type { AgentOptions, RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testAuthority, testIdentity } from './certificates.ts'

/** An https server on loopback with a certificate of the tests' CA for localhost; `ca` is that CA in a file. */
export async function startTlsUpstream (
  t: Test, listener: RequestListener = (_, response) => { response.end('hi') }, options: object = {}
): Promise<{ port: number, upstream: string, ca: string, pem: string }> {
  const { cert, key } = await testIdentity()
  const server = createServer({ cert, key, ...options }, listener)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { ca: pem } = await testAuthority()
  const ca = join(await folderFor(t), 'ca.pem')
  await writeFile(ca, pem)
  const { port } = server.address() as AddressInfo
  return { port, upstream: `localhost:${port}`, ca, pem }
}

/** Files with a certificate of the tests' CA for localhost, and its key. */
export async function certificateFiles (t: Test, host = 'localhost'): Promise<{ certificate: string, key: string }> {
  const folder = await folderFor(t)
  const { cert, key } = await testIdentity(host)
  const files = { certificate: join(folder, 'tls.pem'), key: join(folder, 'tls.key') }
  await writeFile(files.certificate, cert)
  await writeFile(files.key, key, { mode: 0o600 })
  return files
}

/** An agent that trusts a CA and takes localhost for the name; closed when the test is over. */
export function agentFor (t: Test, ca: string, options: AgentOptions = {}): Agent {
  const agent = new Agent({ keepAlive: true, ca, servername: 'localhost', ...options })
  t.teardown(() => { agent.destroy() })
  return agent
}

/** What a request came to: status and body, or the code of its error. */
export function ask (
  port: number, agent: Agent, options: RequestOptions = {}, sent?: Buffer
): Promise<{ status: number, body: string, headers: object } | string> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, agent, ...options }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk })
      response.on('end', () => { resolve({ status: response.statusCode!, body, headers: response.headers }) })
      response.on('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message) })
    })
    call.on('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message) }).end(sent)
  })
}

// A test has one folder of tap's, and may want files of several makers.
async function folderFor (t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'premortem-tls-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}
