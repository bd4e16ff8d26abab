/** The part of the traffic that faults hit, and the part that their shares spare. */
export type Arm = 'fault' | 'control'

/** Both arms. */
export const ARMS = ['fault', 'control'] as const satisfies readonly Arm[]

/** What is known of a request, a connection or a handshake that its arm can be told by. */
export interface Traits {
  /** A header of the request, by its name in lower case. */
  header? (name: string): string | undefined
  /** Whether a fault's share has it; undefined if that was never decided. */
  drawn? (fault: string): boolean | undefined
}

/** Tells the arm of something; null if it is in none. */
export type ArmOf = (traits: Traits) => Arm | null

/** Something that began and is not over: when, in monotonic milliseconds, and what its arm can be told by. */
export interface Begun { startedAt: number, traits?: Traits | undefined }
