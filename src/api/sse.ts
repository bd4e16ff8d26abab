import { PremortemError } from '../kernel/errors.ts'
import type { Event } from '../kernel/events.ts'

/** A message of an event stream, as the WHATWG HTML standard has it. */
export interface SseMessage { id: string, event: string, data: string }

/** The longest line and the longest message taken, in characters; a stream that exceeds it is broken. */
const LONGEST = 4 * 1024 * 1024

/** An event as a message of the stream. */
export function formatEvent (event: Event): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

/**
 * Reads an event stream piece by piece, however it was cut; comments are skipped. `push` returns the messages that
 * ended in this piece. Throws PMT_ERR_REQUEST when a line or message has no end.
 */
export function createSseParser (): { push (piece: Uint8Array): SseMessage[] } {
  // Drops a byte order mark, and keeps a character cut in two until its rest comes.
  const decoder = new TextDecoder()
  let rest = ''
  let skipLineFeed = false
  let id = ''
  let event = ''
  let data: string[] = []
  let size = 0

  const field = (line: string): void => {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') {
      data.push(value)
      size += value.length
    } else if (name === 'event') event = value
    else if (name === 'id' && !value.includes('\0')) id = value
  }

  const flush = (): SseMessage[] => {
    const messages = data.length === 0 ? [] : [{ id, event: event === '' ? 'message' : event, data: data.join('\n') }]
    event = ''
    data = []
    size = 0
    return messages
  }

  return {
    push (piece) {
      const messages: SseMessage[] = []
      let text = decoder.decode(piece, { stream: true })
      if (text === '') return messages
      if (skipLineFeed && text.startsWith('\n')) text = text.slice(1)
      // A carriage return ends a line by itself; a line feed in the next piece would belong to it.
      skipLineFeed = text.endsWith('\r')
      const lines = (rest + text).split(/\r\n|\n|\r/)
      rest = lines.pop()!
      for (const line of lines) {
        if (line === '') messages.push(...flush())
        else field(line)
      }
      if (rest.length + size > LONGEST) throw new PremortemError('PMT_ERR_REQUEST', { message: 'the event stream has a message without end' })
      return messages
    }
  }
}
