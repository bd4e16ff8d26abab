import type { Socket } from 'node:net'

/** Resets a socket (RST). `raw` is what carries it, where it is TLS: a socket of TLS cannot be reset. */
export function cut (socket: Socket, raw: Socket): void {
  // While its FIN is under way libuv refuses to reset a socket, and Node then never closes it.
  if (socket.writableEnded && !socket.writableFinished) return void socket.destroy()
  raw.resetAndDestroy()
  if (socket !== raw) socket.destroy()
}
