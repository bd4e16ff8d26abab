import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { RunningSource } from '../experiment/ports.ts'
import type { ProcessSource } from '../experiment/sources.ts'
import type { Clock } from '../kernel/clock.ts'
import type { SampleObserver } from '../measure/sampling.ts'
import { startProbeLoop } from './probe-loop.ts'
import type { Probe, ProbeEnd } from './probe-loop.ts'

/** How many may run at a time. */
const MAX_OPEN = 10

/** How much of what is printed is looked at, in characters. */
const LOOKED_AT = 1 << 20

/** Runs a program at fixed times, without a shell and without input. One that is late is killed, and what it started with it. */
export function startProcessProbe (spec: ProcessSource, observer: SampleObserver, clock: Clock): RunningSource {
  return startProbeLoop({ clock, spec, observer, silence: 'bad', timed: true, maxOpen: MAX_OPEN, probe: probeOf(spec) })
}

function probeOf ({ command: [program, ...args], exit, stdout: pattern }: ProcessSource): Probe {
  return (done) => {
    let printed = ''
    // In a group of its own, so that all of it can be ended.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    child.stdout.setEncoding('utf8').on('data', (text: string) => { if (printed.length < LOOKED_AT) printed += text })
    child.on('error', (error: NodeJS.ErrnoException) => done({ result: 'bad', why: `cannot be run: ${error.code ?? error.message}`, answered: false }))
    child.on('close', (code, signal) => done(judge(code, signal)))
    const judge = (code: number | null, signal: string | null): ProbeEnd => {
      if (code !== exit) return { result: 'bad', why: code === null ? `ended by ${signal}` : `exit ${code}`, answered: true }
      if (pattern !== undefined && !pattern.test(printed)) return { result: 'bad', why: 'what it prints does not fit', answered: true }
      return { result: 'good', answered: true }
    }
    return () => killGroup(child)
  }
}

function killGroup ({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
