/** How a wait may change with time. */
export const SHAPES = ['constant', 'ramp', 'sine', 'square', 'saw', 'burst'] as const

/** One of them. */
export type Shape = (typeof SHAPES)[number]

/**
 * A shape as a factor in [0, 1] of the milliseconds since the fault began. A ramp rises for one `period` and stays; the
 * others repeat. `duty` is the share of each period in which square (0.5) and burst (0.1) are high, from its start.
 */
export function compileShape (shape: Shape, period: number, duty?: number): (elapsed: number) => number {
  const phase = (elapsed: number): number => elapsed % period / period
  const pulse = (high: number) => (elapsed: number): number => phase(elapsed) < high ? 1 : 0
  switch (shape) {
    case 'ramp': return (elapsed) => Math.min(1, elapsed / period)
    case 'sine': return (elapsed) => (1 - Math.cos(2 * Math.PI * phase(elapsed))) / 2
    case 'square': return pulse(duty ?? 0.5)
    case 'saw': return phase
    case 'burst': return pulse(duty ?? 0.1)
    default: return () => 1
  }
}
