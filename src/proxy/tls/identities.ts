import type { CertificateFlaw } from '../../faults/certificate.ts'
export interface Identity { key: string, cert: string, subject: string, names: string[], notBefore: Date, notAfter: Date, fingerprint256: string, flaw: CertificateFlaw['flaw'] | null }
export interface IdentityRequest { host: string, original?: Buffer[], flaw?: CertificateFlaw, since: Date, purpose?: 'server' | 'client' }
export interface Identities { identity (request: IdentityRequest): Promise<Identity> }
