/** Bytes of a connection that are not under way yet, and when they came. */
export class Pending {
  #bytes: Buffer | null = null
  #since = 0
  /** When later chunks came, and where they begin in what is left. */
  #later: { from: number, at: number }[] = []

  /** null when there are none. */
  get bytes (): Buffer | null { return this.#bytes }

  get length (): number { return this.#bytes?.length ?? 0 }

  /** When the first of them came. */
  get since (): number { return this.#since }

  /** Adds a chunk that came at the time `at`. */
  push (chunk: Buffer, at: number): void {
    if (this.#bytes === null) {
      this.#bytes = chunk
      this.#since = at
      return
    }
    this.#later.push({ from: this.#bytes.length, at })
    this.#bytes = Buffer.concat([this.#bytes, chunk])
  }

  /** Puts other bytes in the place of the first `length` of them, which came when those did. */
  replace (length: number, bytes: Buffer): void {
    const rest = this.#bytes?.subarray(length) ?? Buffer.alloc(0)
    const moved = bytes.length - length
    this.#later = this.#later.flatMap(({ from, at }) => from < length ? [] : [{ from: from + moved, at }])
    this.#bytes = Buffer.concat([bytes, rest])
  }

  /** Takes the first `length` of them off; all, if left out. */
  take (length = this.length): Buffer {
    const bytes = this.#bytes ?? Buffer.alloc(0)
    if (length === bytes.length) {
      this.#bytes = null
      this.#later = []
      return bytes
    }
    this.#bytes = bytes.subarray(length)
    while (this.#later.length > 0 && this.#later[0]!.from <= length) this.#since = this.#later.shift()!.at
    for (const chunk of this.#later) chunk.from -= length
    return bytes.subarray(0, length)
  }
}
