import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** The binary's script. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A running premortem: the real binary, as `npm run build` made it. */
export interface Binary {
  child: ChildProcess
  /** What it has printed so far. */
  out: () => string
  err: () => string
  /** Resolves when stdout fits, with what there is; throws when the process ends first. */
  printed (pattern: RegExp): Promise<string>
  /** The exit code, once everything is printed. */
  ended: Promise<number | null>
}

/** Starts the binary; a test that ends kills it. */
export function start (t: Test, argv: string[], options: { cwd?: string, env?: Record<string, string> } = {}): Binary {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    out: () => out,
    err: () => err,
    async printed (pattern) {
      while (!pattern.test(out)) {
        const [code] = await Promise.race([once(child.stdout, 'data').then(() => [undefined]), ended.then((code) => [code ?? -1])])
        if (code !== undefined && !pattern.test(out)) throw new Error(`ended with ${code} before it printed ${pattern}: ${out}${err}`)
      }
      return out
    },
    ended
  }
}

/** Runs the binary to its end. */
export async function run (
  t: Test, argv: string[], options?: { cwd?: string, env?: Record<string, string> }
): Promise<{ code: number | null, out: string, err: string }> {
  const binary = start(t, argv, options)
  const code = await binary.ended
  return { code, out: binary.out(), err: binary.err() }
}
