import type { Clock } from '../../kernel/clock.ts'

/** What doing an activity needs. */
export interface ProviderTools {
  clock: Clock
  /** What programs get as their environment; shims may add to it. */
  env: Record<string, string | undefined>
  /** Whether a certificate that cannot be verified is an error, where an activity does not say. */
  verifyTls: boolean
  /** How long an activity that says nothing may take, in milliseconds; null for ever. */
  timeout: number | null
}
