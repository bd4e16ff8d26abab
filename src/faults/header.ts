import { Type } from 'typebox'

/** RFC 9110, 5.1: a field's name is a token. */
const NAME_PATTERN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"

/** RFC 9110, 5.5: a field's value on the wire, one line. */
const VALUE_PATTERN = '^[\\t\\x20-\\x7e\\x80-\\xff]*$'

/** Schema of a header's name. */
export const HeaderName = Type.String({ pattern: NAME_PATTERN, wanted: 'a header name' })

/** Schema of a header's value; refuses what could not be sent, line breaks above all. */
export const HeaderValue = (options: { description?: string } = {}) => Type.String({ pattern: VALUE_PATTERN, wanted: 'text of one line', ...options })

/** Schema of header names, each with its value. */
export const HeadersSchema = (options: { description: string, default?: object }) =>
  Type.Record(Type.String(), HeaderValue(), {
    propertyNames: { pattern: NAME_PATTERN }, wanted: 'header names, each with its value', ...options
  })
