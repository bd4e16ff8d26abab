import type { FaultHandle } from './fault-handle.ts'

/** `mustHit`: a callback that ends while a fault has hit nothing is an error, PMT_ERR_FAULT_NOT_LANDED. */
export interface WithFaultOptions { mustHit?: boolean }

/** For each fault its handle, in the same order. */
export type Handles<F extends readonly unknown[]> = { readonly [K in keyof F]: FaultHandle }

/**
 * Sets faults, in order, runs `fn` and removes them whatever happens. Resolves to what `fn` returns and rejects with what it
 * throws. If one of the faults cannot be set, none stays, and the error is that one's.
 */
export async function withFaults<F extends readonly unknown[], T> (
  faults: F, set: (fault: F[number]) => FaultHandle, fn: (...handles: Handles<F>) => T | PromiseLike<T>,
  { mustHit = false }: WithFaultOptions = {}
): Promise<T> {
  const handles: FaultHandle[] = []
  try {
    for (const fault of faults) handles.push(set(fault))
    const result = await fn(...handles as unknown as Handles<F>)
    if (mustHit) for (const handle of handles) handle.mustHit()
    return result
  } finally {
    for (const handle of handles) handle.remove()
  }
}
