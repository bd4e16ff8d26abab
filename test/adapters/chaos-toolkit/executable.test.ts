import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { expandHome, findExecutable } from '../../../src/adapters/chaos-toolkit/executable.ts'

test('a program is found by its path, on PATH, and below the home directory', async (t) => {
  const folder = t.testdir({ yes: '#!/bin/sh\n', no: 'text', sub: {} })
  chmodSync(join(folder, 'yes'), 0o755)
  const env = { PATH: `/nowhere::${folder}`, HOME: folder }
  const file = join(folder, 'yes')
  t.strictSame(findExecutable('yes', env), { file })
  t.strictSame(findExecutable(file, {}), { file })
  t.strictSame(findExecutable('~/yes', env), { file })
  t.equal(findExecutable('maybe', env), 'missing')
  t.equal(findExecutable('maybe', {}), 'missing')
  t.equal(findExecutable('~/maybe', env), 'missing')
  t.equal(findExecutable('sub', env), 'forbidden', 'a directory is no program')
  t.equal(findExecutable(join(folder, 'sub'), env), 'forbidden')
  t.equal(expandHome('~other/x', env), '~other/x')
  // Root may do anything but execute what nobody may.
  t.equal(findExecutable('no', env), 'forbidden')
  t.equal(findExecutable('./no-such', env), 'missing')
})
