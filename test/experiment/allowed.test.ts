import { test } from 'tap'
import { NOT_ALLOWED, OWNER, checkSources } from '../../src/experiment/allowed.ts'
import { decodeSources } from '../../src/experiment/sources.ts'

const SOURCES = decodeSources({
  web: { http: 'http://a' },
  db: { process: ['pg_isready'] },
  ours: { prometheus: 'http://p', query: 'up', expect: '== 1', 'token-env': 'PREMORTEM_TOKEN' },
  theirs: { prometheus: 'http://p', query: 'up', expect: '== 1', 'token-env': 'AWS_SECRET_ACCESS_KEY' }
}, 'x')

const found = (allowed: typeof OWNER, env: Record<string, string>) =>
  checkSources(SOURCES, allowed, env).map(({ code, details: { path, found } }) => [code, path, found])

test('over the control API, no program is run and no variable of the environment is sent elsewhere', async (t) => {
  t.strictSame(found(NOT_ALLOWED, { PREMORTEM_TOKEN: 'a', AWS_SECRET_ACCESS_KEY: 'b' }), [
    ['PMT_ERR_PROCESS_FORBIDDEN', 'steady-state.sources.db.process', 'pg_isready'],
    ['PMT_ERR_PROCESS_FORBIDDEN', 'steady-state.sources.theirs.token-env', 'AWS_SECRET_ACCESS_KEY']
  ])
})

test('the owner may do both; a token that is not there is told', async (t) => {
  t.strictSame(found(OWNER, { PREMORTEM_TOKEN: 'a', AWS_SECRET_ACCESS_KEY: 'b' }), [])
  t.strictSame(found(OWNER, { PREMORTEM_TOKEN: '' }), [
    ['PMT_ERR_INVALID', 'steady-state.sources.ours.token-env', 'PREMORTEM_TOKEN'],
    ['PMT_ERR_INVALID', 'steady-state.sources.theirs.token-env', 'AWS_SECRET_ACCESS_KEY']
  ])
})
