import { Type } from 'typebox'

/** RFC 9110, 5.1: a field's name is a token. */
const NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"

/** RFC 9110, 5.5: a field's value on the wire, one line. */
const VALUE = '^[\\t\\x20-\\x7e\\x80-\\xff]*$'

/** Schema of header names, each with its value; refuses what could not be sent, line breaks above all. */
export const HeadersSchema = (options: { description: string, default?: object }) =>
  Type.Record(Type.String(), Type.String({ pattern: VALUE, wanted: 'text of one line' }), {
    propertyNames: { pattern: NAME }, wanted: 'header names, each with its value', ...options
  })
