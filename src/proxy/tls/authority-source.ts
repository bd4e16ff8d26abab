import type { Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import type { ProxySettings } from '../spec.ts'
import type { Identities } from './identities.ts'

/** Gives the certificates of premortem's own CA, which is made or read when it is first asked for. */
export type IdentitySource = () => Promise<Identities>

/** Where a CA is read from (none: it is made, and lives in memory) and what it may vouch for beside the proxies' own hosts. */
export interface AuthoritySettings { folder: string | undefined, names: readonly string[] }

/** For proxies that are never asked for one. */
export const NO_IDENTITIES: IdentitySource = async () => {
  throw new PremortemError('PMT_ERR_CERTIFICATE', { message: 'there is no CA here to make certificates with' })
}

/** The names and addresses that clients may know proxies by: of listeners, nodes and `tls.names`. */
export function hostsOf (proxies: readonly Pick<ProxySettings, 'host' | 'nodes' | 'tls'>[]): string[] {
  const hosts = proxies.flatMap(({ host, nodes, tls }) => [host, ...nodes.map((node) => node.host), ...tls.names])
  return [...new Set(hosts.filter((host) => !['', '0.0.0.0', '::'].includes(host)).map((host) => host.toLowerCase()))]
}

/** One CA for a process. `proxies` are those there are when it is first asked for. The source throws what reading a CA does. */
export function createIdentitySource (
  { folder, names }: AuthoritySettings, proxies: () => readonly ProxySettings[], clock: Clock
): IdentitySource {
  let made: Promise<Identities> | undefined
  const make = async (): Promise<Identities> => {
    // What makes certificates takes long to load, and most processes never make one.
    const [{ Identities }, { createAuthority }, { loadAuthority }] = await Promise.all([
      import('./identities.ts'), import('./authority.ts'), import('./store.ts')
    ])
    const authority = folder === undefined
      ? await createAuthority({ hosts: [...hostsOf(proxies()), ...names], clock })
      : loadAuthority(folder, clock)
    return new Identities(authority, clock)
  }
  return async () => {
    made ??= make()
    try {
      return await made
    } catch (error) {
      // Files can be put right.
      made = undefined
      throw error
    }
  }
}
