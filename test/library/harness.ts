import type { Test } from 'tap'
import { startPremortem } from '../../src/library/start.ts'
import type { TestSidecarOptions } from '../../src/library/start.ts'
import type { TestSidecar } from '../../src/library/sidecar.ts'
import { startHttpUpstream } from '../helpers/upstream.ts'

/** A sidecar with `shop`, in front of a service that answers `hello`; and that service's address. */
export async function startShop (
  t: Test, options: TestSidecarOptions = {}
): Promise<{ premortem: TestSidecar, upstream: string }> {
  const { address } = await startHttpUpstream(t, (_, response) => { response.end('hello') })
  const premortem = await startPremortem({ seed: 1, ...options, proxies: { shop: { upstream: address }, ...options.proxies } })
  t.teardown(() => premortem.stop())
  return { premortem, upstream: address }
}

/** The status and the body of a GET on a connection of its own. */
export async function get (url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers: { ...headers, connection: 'close' } })
  return `${response.status} ${await response.text()}`
}
