import { Type } from 'typebox'
import { ERRORS } from '../../kernel/errors.ts'
import type { ErrorBody, ErrorCode } from '../../kernel/errors.ts'
import { OneOf } from '../../kernel/schema.ts'
import { component, ref } from './schema.ts'

/** Schema of every answer that is an error. */
export const ErrorSchema = component<ErrorBody>('Error')(Type.Object({
  code: OneOf(Object.keys(ERRORS) as ErrorCode[], { description: 'never changes its meaning' }),
  message: Type.String(),
  path: Type.Optional(Type.String({ description: 'where in the body, query or parameters, dotted' })),
  found: Type.Optional(Type.Unknown()),
  wanted: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String({ description: 'what to do about it' })),
  file: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer({ description: 'of a YAML or JSON body, from 1' })),
  column: Type.Optional(Type.Integer())
}, { description: 'Why a request was refused' }))

/** The answers every route may give beside its own. */
export const errorAnswers = {
  '4xx': ref(ErrorSchema),
  '5xx': ref(ErrorSchema)
} as const
