import type { RequestHead } from '../faults/fault.ts'

/** Why no fault may touch a request; null if any may. */
export type Protection = (head: RequestHead) => 'never' | 'untagged' | null
