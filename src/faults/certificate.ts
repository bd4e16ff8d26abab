/** What is wrong with a certificate that is served. Times are milliseconds. */
export type CertificateFlaw =
  /** Its validity ended so long ago. */
  | { flaw: 'expired', ago: number }
  /** Its validity begins so much later. */
  | { flaw: 'not-yet-valid', in: number }
  /** Valid, but for so long only. */
  | { flaw: 'expiring', in: number }
  /** For another name than was asked for. */
  | { flaw: 'wrong-host' }
  /** Signed by its own key. */
  | { flaw: 'self-signed' }
  /** Issued below a root that nobody trusts; `sendRoot` puts that root into the chain. */
  | { flaw: 'untrusted-root', sendRoot: boolean }
  /** The leaf alone, without the intermediate. */
  | { flaw: 'incomplete-chain' }
  /** The leaf is valid, its intermediate ended so long ago. */
  | { flaw: 'expired-intermediate', ago: number }
  /** For the other purpose: a server's certificate that is for clients, or the other way round. */
  | { flaw: 'wrong-eku' }
