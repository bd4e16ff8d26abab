import type { CertificateFlaw } from '../../src/faults/certificate.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { createAuthority } from '../../src/proxy/tls/authority.ts'
import { toPem } from '../../src/proxy/tls/certificate.ts'
import { Identities } from '../../src/proxy/tls/identities.ts'
import type { Identity, IdentityRequest } from '../../src/proxy/tls/identities.ts'

const clock = createSystemClock()
let made: Promise<TestAuthority> | undefined

/** A CA in memory, for real handshakes: its certificates are valid now. */
export interface TestAuthority {
  identities: Identities
  /** The root in PEM, which clients trust. */
  ca: string
  /** When it was made; what flaws count their times from, unless told otherwise. */
  since: Date
}

/** The CA of this process's tests, made once: for `localhost`, `example.test` and what is below them, and loopback. */
export function testAuthority (): Promise<TestAuthority> {
  made ??= freshAuthority()
  return made
}

/** A CA of its own, for these hosts, for tests that need another than the shared one. */
export async function freshAuthority (hosts: readonly string[] = ['example.test'], constrained = true): Promise<TestAuthority> {
  const authority = await createAuthority({ hosts, clock, constrained })
  return { identities: new Identities(authority, clock), ca: toPem(authority.root), since: new Date(clock.wall()) }
}

/** A certificate by the shared CA, of the same key for the same request; minted, unless there is something to copy. */
export async function testIdentity (host = 'localhost', flaw?: CertificateFlaw, more?: Partial<IdentityRequest>): Promise<Identity> {
  const { identities, since } = await testAuthority()
  return identities.identity({ host, since, ...flaw === undefined ? {} : { flaw }, ...more })
}
