import { formatShare } from '../src/kernel/units.ts'
import { falseEnds, timesToEnd } from './guardrail-calibration.ts'

/** The page about guardrails, with its figures worked out anew. */
export function guardrailsPage (): string {
  const ends = falseEnds()
  const rows = ends.map(({ guardrail, bad, traffic, promised, falseEnds }) =>
    [`\`${guardrail}\``, formatShare(bad), traffic, `${(100 * falseEnds).toFixed(1)}%`, promised ? 'yes' : 'no'])
  const times = timesToEnd().map(({ guardrail, bad, median }) =>
    [`\`${guardrail}\``, formatShare(bad), median === null ? 'not within 2 min' : `${median} s`])
  return `<!-- Written by \`npm run docs\` (docs/guardrails-page.ts); test/docs.test.ts compares it with the code. -->

# Guardrails

A guardrail ends a run, and takes its faults with it, when what it guards breaks. It is an objective, or a mapping that says
more:

\`\`\`yaml
guardrails:
  - success >= 50%
  - { objective: success >= 99%, unacceptable: 90%, alpha: 1% }
\`\`\`

- \`objective\`: what is tolerated. \`success >= 99%\` tolerates 1 % bad.
- \`unacceptable\`: the share of good ones that is clearly too low. Left out: ten times as many bad ones as are tolerated, or
  half-way to nothing good, whichever is less bad (90 % for a target of 99 %, 50 % for 95 %, 25 % for 50 %).
- \`alpha\`: the chance to end the run although the objective holds; 1 % if left out.

\`premortem plan FILE\` says what each will do with the traffic there is, and how soon.

## What ends a run

Each second of the fault phase, over its whole seconds, and all of them each time, for slow answers come late:

1. **A window.** In any ten seconds with at least 20 to count, more are bad than is tolerated, and so many more that chance does
   not explain it: exact binomial test, at alpha over the number of windows in the phase.
2. **A CUSUM** (Page 1954) from any moment on: the sum of ln(p1 / p0) for each bad one and ln((1 - p1) / (1 - p0)) for each
   good one, never below zero, where p0 is tolerated and p1 unacceptable. It ends the run at ln(n / alpha), n being how many the
   phase is to have. By Ville's inequality, and a start from zero at each request at most, the chance of that is at most alpha as
   long as p0 or less are bad. It sees a small breach that lasts, and one that begins late.
3. **Silence**: nothing came to its end for 15 seconds, where the baseline would have had 20. No data is no good news.

4. **The error budget**, if the document has a \`budget\`: the run has spent what it may of it. See
   [experiments.md](experiments.md#what-it-costs).

So do a lost lease, \`premortem halt\`, and a measuring side that does not answer.

Two things keep bursts from ending runs. Bad requests count as few as they came in bursts before: their weight is divided by the
design effect of the baseline, or of excursions of the CUSUM that ended by themselves (twice that, for some bursts are longer
than others). And what the two worst neighbouring seconds add is left out, so that no burst of up to a second decides. That
costs two seconds when everything fails: the third second ends the run.

Requests that have no answer yet may still become good. Before a guardrail ends a run, they are counted as if they did, so that
a service that fails fast now and then and answers slowly is not taken for one that only fails.

## How often it is wrong

Simulated: ${RATE_WORDS}, and exactly as many bad as the row says, before the faults and under
them alike. So no run should end; the last column says for which traffic at most alpha (1 %) is promised.

${table(['guardrail', 'bad', 'how they come', 'runs ended', 'promised'], rows)}

What is not promised is longer than anything the baseline showed: a burst of two seconds that comes once in three minutes is not
to be told from the fault's doing, and ends the run. A longer baseline helps, and so does a guardrail that tolerates more.

## How soon it acts

The median until the run ended, with one in a thousand bad before:

${table(['guardrail', 'bad under the fault', 'ended after'], times)}

The CUSUM by itself, request by request (1 % tolerated, 10 % refused, 10,000 requests, alpha 1 %), takes a median of 337 requests
with 5 % bad, 88 with 10 %, 35 with 20 %, 13 with half, and 6 when all are; \`test/measure/statistics/cusum.test.ts\` draws them.
`
}

const RATE_WORDS = '200 runs a row, 50 requests a second, a baseline of 60 s and a fault phase of 120 s'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
