import { test } from 'tap'
import { PLAIN } from '../../src/report/layout.ts'
import { RENDERERS, rendererOf } from '../../src/report/report.ts'
import { breached } from './results.ts'

test('renderers are found by format, and are pure', async (t) => {
  t.same(RENDERERS.map((renderer) => renderer.format), ['text', 'json', 'junit', 'markdown'])
  for (const renderer of RENDERERS) {
    t.equal(rendererOf(renderer.format), renderer)
    const result = breached()
    const text = renderer.render(result, PLAIN)
    t.equal(renderer.render(result, PLAIN), text)
    t.same(result, breached(), 'the result is left alone')
    t.match(text, /[^\n]\n$/, 'one line break at the end')
  }
})
