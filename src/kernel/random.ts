/** A seeded source of random numbers. The same seed gives the same numbers on every machine. */
export interface Random {
  /** The seed this generator grew from. */
  readonly seed: number
  /** A number in [0, 1). */
  next (): number
  /** An integer in [min, max], both included. */
  integer (min: number, max: number): number
  /** A number in [-width, width). */
  spread (width: number): number
  /** An independent generator named by `label`; it depends on the seed and the label alone, not on numbers drawn. */
  fork (label: string | number): Random
}

/** FNV-1a over the label's UTF-16 units, seeded, with murmur3's finalizer. 32 bits. */
export function hash (seed: number, label: string | number): number {
  const text = String(label)
  let h = seed ^ 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h)
}

/** The number in [0, 1) that belongs to the n-th decision under a seed; stateless, so decisions can be explained later. */
export function draw (seed: number, n: number): number {
  return mix(mix(seed ^ Math.imul(n, 0x9e3779b1)) + n) / 0x100000000
}

/** murmur3's 32-bit finalizer: every input bit reaches every output bit. */
function mix (value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A generator from an integer seed (sfc32, which passes PractRand; 2^32 seeds are enough for decisions). */
export function createRandom (seed: number): Random {
  const root = seed >>> 0
  let a = mix(root ^ 0x9e3779b9)
  let b = mix(root ^ 0x243f6a88)
  let c = mix(root ^ 0xb7e15162)
  let counter = 1
  const word = (): number => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) word()
  const next = (): number => word() / 0x100000000
  return {
    seed: root,
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    spread: (width) => (next() * 2 - 1) * width,
    fork: (label) => createRandom(hash(root, label))
  }
}

/** A seed nobody chose: the only place where premortem takes entropy from outside. */
export function freshSeed (): number {
  return Math.floor(Math.random() * 0x100000000)
}
