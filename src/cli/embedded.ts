import type { Config } from '../config/schema.ts'
import { OWNER } from '../experiment/allowed.ts'
import { decodeExperiment } from '../experiment/document.ts'
import { planExperiment } from '../experiment/plan.ts'
import type { Logger } from '../kernel/log.ts'
import { Premortem } from '../premortem.ts'
import type { Target } from './target.ts'

/** A premortem of our own in this process, without a control API. Throws what `Premortem.start` throws. */
export async function createEmbeddedTarget (config: Config, log: Logger): Promise<Target> {
  const premortem = new Premortem(config, { log, control: false })
  const { runs, events } = premortem
  await premortem.start()
  return {
    start: (document, seed, how = {}) => runs.start(document, { seed, ...how, allowed: OWNER }),
    follow (id, changed) {
      changed(runs.view(id))
      return events.subscribe(({ data }) => { if (data.run === id) changed(runs.view(id)) })
    },
    result: (id) => runs.result(id),
    async interrupt (id, reason) { runs.abort(id, reason, 'interrupted') },
    async halt (reason) { premortem.halt.engage(reason, 'signal') },
    plan: (document) => planExperiment(decodeExperiment(document), premortem.plane, OWNER),
    close: () => premortem.stop()
  }
}
