/**
 * Every error premortem can name. `message` is the default text, `status` the HTTP answer, `exit` the
 * process's exit code, `hint` what to do about it. A code is never used again for something else.
 */
export const ERRORS = {
  PMT_ERR_INVALID: {
    message: 'a value does not fit', status: 400, exit: 2, hint: 'correct the value at the path named'
  },
  PMT_ERR_SYNTAX: {
    message: 'the text is not valid YAML or JSON', status: 400, exit: 2, hint: 'look at the line and column named'
  },
  PMT_ERR_USAGE: {
    message: 'the command line does not fit', status: 400, exit: 2, hint: 'premortem COMMAND --help lists what it takes'
  },
  PMT_ERR_FILE_NOT_FOUND: {
    message: 'no such file', status: 404, exit: 2, hint: 'paths are relative to the working directory'
  },
  PMT_ERR_FILE_UNREADABLE: {
    message: 'the file cannot be read or written', status: 500, exit: 2, hint: 'check its type and permissions'
  },
  PMT_ERR_PROXY_NOT_FOUND: {
    message: 'no such proxy', status: 404, exit: 2, hint: 'premortem proxy list shows their names'
  },
  PMT_ERR_PROXY_EXISTS: {
    message: 'a proxy of that name exists', status: 409, exit: 2, hint: 'PUT replaces it, PATCH changes it'
  },
  PMT_ERR_NODE_NOT_FOUND: {
    message: 'the proxy has no such node', status: 400, exit: 2, hint: 'name one of the nodes of its upstream'
  },
  PMT_ERR_FAULT_UNKNOWN: {
    message: 'no such type of fault', status: 400, exit: 2, hint: 'GET /v1/faults and docs/faults.md list them'
  },
  PMT_ERR_FAULT_LAYER: {
    message: 'the proxy does not carry what this fault acts on',
    status: 400,
    exit: 2,
    hint: 'http faults need a proxy with `protocol: http` or `auto`; match needs an http fault'
  },
  PMT_ERR_FAULT_NOT_FOUND: {
    message: 'no such fault', status: 404, exit: 2, hint: 'it may have expired; premortem fault list shows what is active'
  },
  PMT_ERR_FAULT_EXISTS: {
    message: 'a fault of that id is active', status: 409, exit: 2, hint: 'PATCH changes it, or leave the id out'
  },
  PMT_ERR_FAULT_NOT_LANDED: {
    message: 'the fault never landed', status: 409, exit: 6, hint: 'nothing that was eligible was hit; look at share, select and max'
  },
  PMT_ERR_RUN_NOT_FOUND: {
    message: 'no such run', status: 404, exit: 2, hint: 'GET /v1/runs lists them; runs/ in the data directory holds them'
  },
  PMT_ERR_RUN_BUSY: {
    message: 'a run is in progress', status: 409, exit: 2, hint: 'wait for it, or abort it'
  },
  PMT_ERR_RUN_LOST: {
    message: 'the run was lost: its sidecar is gone, and nobody can say what became of it',
    status: 502,
    exit: 7,
    hint: 'a sidecar takes its faults with it; premortem report latest, in its data folder, shows how far the run came'
  },
  PMT_ERR_BUDGET: {
    message: 'runs have spent what they may of the error budget', status: 409, exit: 4, hint: 'wait until earlier runs are out of the period, or allow more with `wallet`'
  },
  PMT_ERR_WINDOW: {
    message: 'runs are not allowed at this time', status: 423, exit: 4, hint: 'wait for the window, or say why not: --outside-window REASON, ?outsideWindow=REASON'
  },
  PMT_ERR_HALTED: {
    message: 'premortem is halted', status: 423, exit: 4, hint: 'premortem halt --release --reason WHY, DELETE /v1/halt with a reason, or remove the HALT file'
  },
  PMT_ERR_ADDRESS_IN_USE: {
    message: 'the address is in use', status: 409, exit: 2, hint: 'another process listens there; choose another port, or 0'
  },
  PMT_ERR_ADDRESS: {
    message: 'cannot listen on the address', status: 400, exit: 2, hint: 'use host:port with an address of this machine'
  },
  PMT_ERR_UPSTREAM_UNRESOLVED: {
    message: 'the upstream\'s name does not resolve', status: 502, exit: 2, hint: 'names are resolved at every dial, so it may come later'
  },
  PMT_ERR_UPSTREAM_CERTIFICATE: {
    message: 'the node\'s certificate cannot be copied', status: 409, exit: 2, hint: 'a fault on certificates needs a node that shows a good one; look with openssl s_client'
  },
  PMT_ERR_CERTIFICATE: {
    message: 'a certificate or key cannot be used', status: 400, exit: 2, hint: 'look at it with openssl x509 -text -in FILE'
  },
  PMT_ERR_KEY_EXPOSED: {
    message: 'others can read a private key', status: 400, exit: 2, hint: 'chmod 600 FILE'
  },
  PMT_ERR_FILE_EXISTS: {
    message: 'the file exists', status: 409, exit: 2, hint: 'pass --force to overwrite it'
  },
  PMT_ERR_CONTROL_UNREACHABLE: {
    message: 'no premortem answers there', status: 502, exit: 2, hint: 'start one with premortem serve, or correct --control'
  },
  PMT_ERR_SIDECAR_NOT_FOUND: {
    message: 'no such sidecar', status: 404, exit: 2, hint: 'name it under `sidecars:` in the config'
  },
  PMT_ERR_SIDECAR_UNREACHABLE: {
    message: 'the sidecar does not answer', status: 502, exit: 2, hint: 'check its address and that it runs'
  },
  PMT_ERR_TOKEN_REQUIRED: {
    message: 'a control address beyond loopback needs a token', status: 500, exit: 2, hint: 'pass --token-file, or listen on 127.0.0.1'
  },
  PMT_ERR_UNAUTHORIZED: {
    message: 'the token is missing or wrong', status: 401, exit: 2, hint: 'send Authorization: Bearer TOKEN, or pass --token-file'
  },
  PMT_ERR_FORBIDDEN: {
    message: 'the request is not allowed', status: 403, exit: 2, hint: 'Host and Origin must be this address; read-only tokens cannot change'
  },
  PMT_ERR_PROCESS_FORBIDDEN: {
    message: 'experiments that come over the control API may run no program', status: 403, exit: 2, hint: 'start the server with serve --allow-process, or run the file in a process of your own with --config'
  },
  PMT_ERR_ROUTE_NOT_FOUND: {
    message: 'no such resource', status: 404, exit: 2, hint: '/docs lists the API'
  },
  PMT_ERR_REQUEST: {
    message: 'the request cannot be read', status: 400, exit: 2, hint: 'send JSON with content-type: application/json'
  },
  PMT_ERR_TOO_LARGE: {
    message: 'the request is too large', status: 413, exit: 2, hint: 'a body may have 1 MiB'
  },
  PMT_ERR_MEDIA_TYPE: {
    message: 'the content type is not understood', status: 415, exit: 2, hint: 'send application/json or application/yaml'
  },
  PMT_ERR_CHAOS_TOOLKIT: {
    message: 'the Chaos Toolkit experiment does not fit', status: 400, exit: 2, hint: 'docs/chaos-toolkit.md says what is run, and how'
  },
  PMT_ERR_NOT_READY: {
    message: 'premortem is not ready', status: 503, exit: 2, hint: 'it is starting or draining; try again'
  },
  PMT_ERR_WATCH_NOT_FOUND: {
    message: 'no such watch', status: 404, exit: 2, hint: 'a watch that nobody reads for a minute goes away'
  },
  PMT_ERR_JOURNAL: {
    message: 'the journal cannot be read or written', status: 500, exit: 70, hint: 'check the data directory and its free space'
  },
  PMT_ERR_STATE: {
    message: 'the service is not in a state for this', status: 500, exit: 70, hint: 'this is a bug in premortem'
  },
  PMT_ERR_INTERNAL: {
    message: 'premortem failed', status: 500, exit: 70, hint: 'this is a bug in premortem; please report it with the log'
  }
} as const satisfies Record<string, { message: string, status: number, exit: number, hint: string }>

/** One of the codes of the table. */
export type ErrorCode = keyof typeof ERRORS

/**
 * What an error says beside its code. `path` is dotted (`faults.0.delay`); line and column count from 1. A `found` that
 * is long, or that JSON cannot say, is kept in words.
 */
export interface ErrorDetails {
  message?: string
  path?: string
  found?: unknown
  wanted?: string
  hint?: string
  file?: string
  line?: number
  column?: number
  cause?: unknown
}

/** The plain data of an error, as the API sends it and `--json` prints it. */
export interface ErrorBody extends Omit<ErrorDetails, 'cause' | 'message'> { code: ErrorCode, message: string }

/** The one class of errors that premortem throws on purpose. */
export class PremortemError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor (code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? ERRORS[code].message, { cause: details.cause })
    this.name = 'PremortemError'
    this.code = code
    this.details = 'found' in details ? { ...details, found: brief(details.found) } : details
  }

  get status (): number { return ERRORS[this.code].status }
  get exit (): number { return ERRORS[this.code].exit }
  get hint (): string { return this.details.hint ?? ERRORS[this.code].hint }

  /** A copy that also says where: fields already present win. */
  at (where: Pick<ErrorDetails, 'path' | 'file' | 'line' | 'column'>): PremortemError {
    return new PremortemError(this.code, { ...where, ...definedOnly(this.details), message: this.message, cause: this.cause })
  }

  toJSON (): ErrorBody {
    const { message: _, cause: __, ...rest } = this.details
    return { code: this.code, message: this.message, ...definedOnly(rest), hint: this.hint }
  }
}

const LONGEST_SHOWN = 200

function brief (value: unknown): unknown {
  if (typeof value === 'string') return value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || value === null || value === undefined) return value
  if (typeof value !== 'object') return typeof value === 'bigint' ? `${value}` : `a ${typeof value}`
  try {
    if (JSON.stringify(value).length <= LONGEST_SHOWN) return value
  } catch { /* a circle, or too deep for JSON */ }
  return Array.isArray(value) ? `a list of ${value.length}` : `a mapping of ${Object.keys(value).length} keys`
}

function definedOnly<T extends object> (value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T
}

/** Any thrown value as a PremortemError; what premortem did not foresee becomes PMT_ERR_INTERNAL with its cause. */
export function toPremortemError (error: unknown): PremortemError {
  if (error instanceof PremortemError) return error
  return new PremortemError('PMT_ERR_INTERNAL', { message: error instanceof Error ? error.message : String(error), cause: error })
}
