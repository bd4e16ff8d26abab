import { PremortemError } from '../../kernel/errors.ts'
import type { Identities } from './identities.ts'

/** Gives the certificates of premortem's own CA, which is made or read when it is first asked for. */
export type IdentitySource = () => Promise<Identities>

/** For proxies that are never asked for one. */
export const NO_IDENTITIES: IdentitySource = async () => {
  throw new PremortemError('PMT_ERR_CERTIFICATE', { message: 'there is no CA here to make certificates with' })
}
