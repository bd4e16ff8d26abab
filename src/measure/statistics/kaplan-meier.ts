/** A time to something, in any unit; `censored` if it had not happened when watching ended then. */
export interface Time { time: number, censored: boolean }

/** From this time on, this share has not had it happen yet. */
export interface Survival { time: number, share: number }

/** The share to which it has not happened yet, step by step, with censored times (Kaplan and Meier 1958). */
export function kaplanMeier (times: readonly Time[]): Survival[] {
  const sorted = [...times].sort((a, b) => a.time - b.time)
  const steps: Survival[] = []
  let share = 1
  for (let i = 0; i < sorted.length;) {
    const { time } = sorted[i]!
    const here = sorted.filter((one) => one.time === time)
    const events = here.filter(({ censored }) => !censored).length
    // What is censored at a time was still at risk then.
    if (events > 0) {
      share *= 1 - events / (sorted.length - i)
      steps.push({ time, share })
    }
    i += here.length
  }
  return steps
}

/** The median time: the earliest by which it has happened to half. null if that was not seen: it is beyond all of them. */
export function medianTime (times: readonly Time[]): number | null {
  // Products of fractions that come to a half may miss it by a rounding.
  return kaplanMeier(times).find(({ share }) => share <= 0.5 + 1e-12)?.time ?? null
}
