import { join } from 'node:path'
import { test } from 'tap'
import { dataFolder } from '../../src/cli/data-folder.ts'

test('the flag wins over the configuration', async (t) => {
  const config = join(t.testdir({ 'c.yaml': 'data: elsewhere\nproxies: []\n' }), 'c.yaml')
  t.equal(await dataFolder({ data: 'here', config }), 'here')
  t.equal(await dataFolder({ config }), 'elsewhere')
  await t.rejects(dataFolder({ config: `${config}.no` }), { code: 'PMT_ERR_FILE_NOT_FOUND' })
})
