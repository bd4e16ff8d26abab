import { test } from 'tap'
import { decodeFault } from '../../src/faults/envelope.ts'
import { ActiveFault, Plan } from '../../src/faults/plan.ts'
import { OwnStages } from '../../src/proxy/own-stages.ts'
import type { Pipe } from '../../src/proxy/pipe.ts'
import { Stage } from '../../src/proxy/stage.ts'

test('a stage goes with its fault, or with its message', async (t) => {
  const faults = ['a', 'b', 'c'].map((id) => new ActiveFault(id, decodeFault({ type: 'hang' }), 1))
  const stages = faults.map((active) => new Stage({}, active, 'downstream', 0))
  const forgotten: Stage[] = []
  const pipe = { forget: (stage: Stage) => { forgotten.push(stage) } } as unknown as Pipe
  const own = new OwnStages()
  for (const [i, stage] of stages.entries()) own.add(stage, faults[i]!)
  own.delete(stages[0]!)
  own.planChanged(new Plan(1, [faults[1]!]), [null, pipe])
  t.same(forgotten, [stages[2]])
  t.same(stages.map(({ retired }) => retired), [false, false, true])
  own.planChanged(new Plan(2, []), [pipe])
  t.same(forgotten, [stages[2], stages[1]])
})
