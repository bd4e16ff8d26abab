import { INVALID_STREAM } from '../../faults/toxics.ts'
import type { PremortemError } from '../../kernel/errors.ts'
import { MISSING_FIELD } from '../../proxy/toxiproxy.ts'

/** An error as Toxiproxy's API answers it. */
export interface ToxiproxyError { error: string, status: number }

/** What Go says of a socket that cannot be bound. */
const BIND: Record<string, string | undefined> = {
  EADDRINUSE: 'address already in use', EADDRNOTAVAIL: 'cannot assign requested address', EACCES: 'permission denied'
}

/** An error of ours in Toxiproxy's words and with its status, as far as it has some; clients of some languages compare them. */
export function toxiproxyError (error: PremortemError): ToxiproxyError {
  const { code, message, status, details } = error
  switch (code) {
    case 'PMT_ERR_PROXY_NOT_FOUND': return { error: 'proxy not found', status: 404 }
    case 'PMT_ERR_PROXY_EXISTS': return { error: 'proxy already exists', status: 409 }
    case 'PMT_ERR_FAULT_NOT_FOUND': return { error: 'toxic not found', status: 404 }
    case 'PMT_ERR_FAULT_EXISTS': return { error: 'toxic already exists', status: 409 }
    case 'PMT_ERR_FAULT_UNKNOWN': return { error: message, status: 400 }
    case 'PMT_ERR_ADDRESS':
    case 'PMT_ERR_ADDRESS_IN_USE': {
      const why = BIND[(details.cause as NodeJS.ErrnoException | undefined)?.code ?? '']
      return { error: why === undefined ? message : `listen tcp ${String(details.found)}: bind: ${why}`, status: 500 }
    }
    case 'PMT_ERR_SYNTAX': {
      const place = details.line === undefined ? '' : ` (line ${details.line}, column ${details.column})`
      return { error: `bad request body: ${message}${place}`, status: 400 }
    }
    case 'PMT_ERR_INVALID': {
      const asIs = message === INVALID_STREAM || message.startsWith(MISSING_FIELD)
      return { error: asIs ? message : `bad request body: ${inWords(error)}`, status: 400 }
    }
    default: return { error: message, status }
  }
}

function inWords ({ message, details: { path, found, wanted } }: PremortemError): string {
  return [
    `${path ? `${path}: ` : ''}${message}`,
    ...(found === undefined ? [] : [`found ${JSON.stringify(found)}`]),
    ...(wanted === undefined ? [] : [`wanted ${wanted}`])
  ].join(', ')
}
