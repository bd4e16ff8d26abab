const HANDSHAKE = 22
const CHANGE_CIPHER_SPEC = 20
const CERTIFICATE = 11

/**
 * Watches what a client sends in a TLS 1.2 handshake for the moment at which a certificate of its own has been shown and an
 * alert can still be sent in the clear: when its ChangeCipherSpec comes (RFC 5246, 7.1). In TLS 1.3 there is no such moment.
 */
export class ClientCertificateWatch {
  #header: number[] = []
  #left = 0
  #type = 0
  /** Of the handshake message in progress: what is known of its head, and what of its body is still to come. */
  #message: number[] = []
  #skip = 0
  #shown = false

  /** Whether that moment is in these bytes. */
  push (chunk: Uint8Array): boolean {
    for (const byte of chunk) {
      if (this.#left > 0) {
        this.#left--
        if (this.#type === HANDSHAKE) this.#handshake(byte)
        continue
      }
      this.#header.push(byte)
      if (this.#header.length < 5) continue
      this.#type = this.#header[0]!
      this.#left = this.#header[3]! * 256 + this.#header[4]!
      this.#header = []
      if (this.#type === CHANGE_CIPHER_SPEC && this.#shown) return true
    }
    return false
  }

  #handshake (byte: number): void {
    if (this.#skip > 0) {
      this.#skip--
      return
    }
    this.#message.push(byte)
    if (this.#message.length < 4) return
    const [type, ...length] = this.#message
    this.#skip = length.reduce((sum, byte) => sum * 256 + byte, 0)
    // An empty list of certificates is three bytes of length.
    if (type === CERTIFICATE && this.#skip > 3) this.#shown = true
    this.#message = []
  }
}
