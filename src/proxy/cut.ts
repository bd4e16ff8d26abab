import type { Socket } from 'node:net'

/**
 * How long bytes are ahead of the RST that follows them, in milliseconds. libuv, and so every client on Node, takes an RST
 * that comes together with bytes for an orderly end.
 */
export const AHEAD = 10

/** Resets a socket (RST). `raw` is what carries it, where it is TLS: a socket of TLS cannot be reset. */
export function cut (socket: Socket, raw: Socket): void {
  // While its FIN is under way libuv refuses to reset a socket, and Node then never closes it. That of TLS is its socket's too.
  if (isEnding(socket) || isEnding(raw)) {
    socket.destroy()
    if (isEnding(raw)) raw.destroy()
    return
  }
  raw.resetAndDestroy()
  if (socket !== raw) socket.destroy()
}

const isEnding = (socket: Socket): boolean => socket.writableEnded && !socket.writableFinished
