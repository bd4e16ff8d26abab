import { endOf, verdictOf } from '../src/adapters/chaos-toolkit/outcome.ts'
import { PYTHON_FUNCTIONS } from '../src/adapters/chaos-toolkit/shims.ts'
import { ROWS } from './chaos-toolkit-rows.ts'
import type { Row } from './chaos-toolkit-rows.ts'

type Table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) => string

const yesNo = (value: boolean): string => value ? 'yes' : 'no'

function cellsOf ({ situation, facts }: Row): (string | number)[] {
  const [theirs, ours] = [endOf(facts, true), endOf(facts, false)]
  const { outcome, exitCode } = verdictOf(facts, ours, [])
  const exit = theirs.status === 'completed' && !theirs.deviated ? 0 : 1
  return [
    situation,
    `${theirs.status}${theirs.deviated ? ', deviated' : ''}`, yesNo(theirs.rollbacks), exit,
    `${ours.status}${ours.deviated ? ', deviated' : ''}`, yesNo(ours.rollbacks), outcome ?? '', exitCode
  ]
}

/** The page about experiments of the Chaos Toolkit, as the code stands now. */
export function chaosToolkitPage (table: Table): string {
  return `# Experiments of the Chaos Toolkit

\`\`\`sh
premortem validate experiment.json
premortem run experiment.json --journal-path journal.json
\`\`\`

A file with \`method\` and without \`phases\` is an experiment of the Chaos Toolkit. It runs as it is: JSON, YAML (1.1, as PyYAML
reads it), or a http(s) URL. The journal is the one the Chaos Toolkit writes, so \`chaos report\` can read it.

| option | meaning |
| --- | --- |
| \`--journal-path FILE\` | where the journal goes; \`journal.json\` if left out |
| \`--var KEY[:TYPE]=VALUE\` | over the configuration; types are str, int, float, bytes, bool, json |
| \`--var-file FILE\` | \`configuration\` and \`secrets\` (JSON, YAML), or lines of NAME=VALUE for the environment |
| \`--hypothesis-strategy\` | default, before-method-only, after-method-only, during-method-only, continuously |
| \`--hypothesis-frequency\` | seconds between the end of one verification and the next, while the method runs; 1 if left out |
| \`--fail-fast\` | an unmet verification ends the method after the current activity and its pause |
| \`--rollback-strategy\` | default, always, never, deviated |
| \`--dry\` | leave out probes, actions or activities (both), or only the pauses (pause) |
| \`--no-verify-tls\` | take any certificate of a service |
| \`--compat chaostoolkit\` | status, rollbacks and exit codes as the Chaos Toolkit has them |

What the flags say wins over \`runtime\` in the file. Experiments of premortem's own refuse these options.

## How a run ends

The Chaos Toolkit passes over some things that mean nothing was shown. premortem does not, unless \`--compat chaostoolkit\` asks
for it. Left what \`--compat\` gives, right what premortem does by itself:

${table(['situation', 'compat: status', 'rollbacks', 'exit', 'status', 'rollbacks', 'outcome', 'exit'], ROWS.map(cellsOf))}

- **A tolerance that ends in a TypeError there** (a \`regex\` or \`range\` that meets a mapping): under \`--compat\` the run ends with
  exit code 1, without journal and rollbacks, as it does there. Otherwise the probe failed.
- **SIGKILL**: under \`--compat\` there is no journal. Otherwise it is on disk from the first event on, and says \`interrupted\`;
  beside it \`FILE.events\` has every event, one a line.
- **A rollback that fails**: nothing there; here the outcome is not-recovered, exit code 7.
- **No probe in the hypothesis, or none verified during or after the method**: here inconclusive, exit code 3.
- **A file or a command line that does not fit**: exit code 2; under \`--compat\` a file that does not fit is 1.

Exit codes are those of [every run](errors.md#exit-codes-of-a-run). Without \`--compat\` the journal has one more key, \`premortem\`,
with \`verdict\`, \`exitCode\`, \`reasons\` and \`experimentHash\`; a rehearsal has the verdict \`null\`.

## What is the same

- Substitution of \`\${name}\` and \`$name\`: title, http url, headers, timeout and arguments, process arguments, pauses, tolerances
  that are text, \`pattern\`, \`path\` and \`expect\`; nowhere else.
- Every tolerance, and JSONPath in the dialect of jsonpath2: a filter tests the node itself (\`$.items.*[?(@.ok)]\`), equality is
  a single \`=\`, texts stand in double quotes.
- The http provider: a body is parsed only where the Content-Type is exactly \`application/json\`; arguments are the query of a
  GET, else a form, or JSON with that same Content-Type; redirects are followed; no status fails. \`timeout\` is seconds or
  \`[connect, read]\`. HTTP_PROXY and its kin are not looked at.
- The process provider: arguments that are text go through a shell. No exit code fails.
- Background activities, pauses, references, dynamic configuration, the order of everything.

## What is different, also under \`--compat\`

- Secrets are taken out of the journal, and of what is printed, by their values: \`***\` stands there.
- An activity that was cut off has the status \`failed\`, for \`chaos report\` stumbles over one without.
- Rollbacks in the background are waited for one by one.
- \`1.0\` in a file is a whole number, and a date is text.
- \`secrets\` of type \`vault\` are refused; read them with the vault program into the environment.

Without \`--compat\`, an http or process activity that names no timeout gets 30 seconds.

## Python

premortem runs no Python. These functions it does itself; \`validate\` refuses every other by its name:

${table(['function', 'arguments'], Object.entries(PYTHON_FUNCTIONS).map(([name, { takes, needs }]) =>
    [`\`${name}\``, takes.map((key) => needs.includes(key) ? key : `${key} (optional)`).join(', ')]))}

Those of chaostoxi act on the sidecar that \`--control\` (or PREMORTEM_CONTROL) names, or on one in this process that \`--config\`
describes; else where \`toxiproxy_url\`, or \`toxiproxy_host\` and \`toxiproxy_port\`, in the experiment's configuration say, which may
be a Toxiproxy too; else where [every experiment](experiments.md) runs. What cannot be done fails, a proxy or toxic to delete that
is not there among it. \`create_proxy\` and \`modify_proxy\` set \`NAME_PORT\` in the configuration and the environment. As over
Toxiproxy's API, toxics stay until they are removed: remove them in a rollback. Those of chaosprometheus ask
\`prometheus_base_url\`; times are RFC 3339, \`now\`, or as in \`5 minutes ago\`.

Controls are Python: they are left out, and a warning names each. Only \`chaosaddons.controls.safeguards\` is done: a probe
without \`frequency\` and \`background\` is checked before the start, one with \`background\` once beside it, one with \`frequency\` every
so many seconds, after the first wait. One that is not met ends the run: status interrupted, outcome aborted, exit code 4. What the
method broke is rolled back all the same, which the Chaos Toolkit, and \`--compat\`, leave out.

## Faults and objectives of premortem

The Chaos Toolkit leaves \`extensions\` to others. One with the name \`premortem\` says which [faults](faults.md) there are while the
method runs, and which objectives are judged over that time from the traffic of a proxy:

\`\`\`yaml
extensions:
  - name: premortem
    at: edge
    objectives: [success >= 99%, p95 <= 300ms]
    faults:
      - { type: delay, on: payments, delay: 500ms }
\`\`\`

The faults are leased: they go when the method ends, the last one first, or when premortem dies. Objectives are judged as in
[every run](experiments.md#how-it-judges), and the outcome takes them in: one that is breached is a breach, one that cannot be
judged makes the run inconclusive, a fault that hits nothing did not land. The figures stand in the journal under \`premortem\`.
Under \`--compat\`, and in a rehearsal, the extension is left out. The sidecar is found as for chaostoxi.

## What it may do

Process providers run programs with your rights, so they run where you call \`premortem run\` and nowhere else: Chaos Toolkit
experiments cannot be sent to the control API.
`
}
