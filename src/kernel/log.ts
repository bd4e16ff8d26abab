/** One level of a logger: fields first, then a message, as pino takes them. */
export interface LogFn {
  (fields: object, message?: string): void
  (message: string): void
}

/** The part of pino's interface that premortem uses; a pino logger fits as it is. */
export interface Logger {
  debug: LogFn
  info: LogFn
  warn: LogFn
  error: LogFn
  child (fields: object): Logger
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug () {},
  info () {},
  warn () {},
  error () {},
  child: () => silentLogger
}
