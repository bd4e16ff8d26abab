import type { Clock } from '../kernel/clock.ts'
import type { EventBus } from '../kernel/events.ts'
import { formatEvent } from './sse.ts'

/** How often a stream says that it is alive, in milliseconds. */
export const HEARTBEAT = 15_000

/** How much a reader may be behind before it is dropped, in bytes; above what the kept events can come to. */
export const BACKLOG = 4 * 1024 * 1024

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

/** Where a stream goes: the part of Node's response that it needs. */
export interface StreamResponse {
  readonly writableLength: number
  writeHead (status: number, headers: Record<string, string>): unknown
  write (text: string): unknown
  end (): unknown
  destroy (): unknown
  once (event: 'close', listener: () => void): unknown
  on (event: 'error', listener: () => void): unknown
}

/** The open event streams. */
export interface EventStreams {
  /** Answers with a stream of the events after `lastEventId`, or from now on. */
  open (response: StreamResponse, lastEventId?: number): void
  /** Ends all streams in order. */
  close (): void
}

/** Streams of events to any number of readers. A slow reader is cut off: it can resume where it was. */
export function createEventStreams ({ events, clock }: { events: EventBus, clock: Clock }): EventStreams {
  const open = new Set<StreamResponse>()

  return {
    open (response, lastEventId) {
      const write = (text: string): void => {
        if (response.writableLength > BACKLOG) response.destroy()
        else response.write(text)
      }
      response.writeHead(200, HEADERS)
      write('retry: 1000\n\n')
      if (lastEventId !== undefined) {
        const newest = events.since(0).at(-1)?.id ?? 0
        // An id from the future was given by an earlier process: everything of this one is news.
        for (const event of events.since(lastEventId > newest ? 0 : lastEventId)) write(formatEvent(event))
      }
      const unsubscribe = events.subscribe((event) => write(formatEvent(event)))
      const stopBeating = clock.every(HEARTBEAT, () => write(': alive\n\n'))
      open.add(response)
      response.once('close', () => {
        unsubscribe()
        stopBeating()
        open.delete(response)
      })
      response.on('error', () => response.destroy())
    },
    close () {
      for (const response of open) response.end()
    }
  }
}
