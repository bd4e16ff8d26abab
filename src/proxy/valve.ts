import type { Socket } from 'node:net'

/** Stops reading a socket while there is any reason to; a reason is a bit. */
export class Valve {
  socket: Socket | null
  #reasons = 0

  constructor (socket: Socket | null) {
    this.socket = socket
  }

  hold (reason: number, hold: boolean): void {
    const before = this.#reasons
    this.#reasons = hold ? before | reason : before & ~reason
    if (before === 0 && this.#reasons !== 0) this.socket?.pause()
    else if (before !== 0 && this.#reasons === 0) this.socket?.resume()
  }

  /** Reads on, whatever the reasons were. */
  open (): void {
    this.#reasons = 0
    this.socket?.resume()
  }
}
