import { Duration, Size, Strict } from '../../kernel/schema.ts'
import { PASS, defineStreamFault } from '../fault.ts'
import { slice } from '../slices.ts'
import { atLeastOne } from '../sizes.ts'

/** Bytes arrive in small pieces. */
export const slicer = defineStreamFault({
  type: 'slicer',
  direction: 'downstream',
  params: Strict({
    size: Size({ description: 'how large the pieces are' }),
    variation: Size({ description: 'each piece is so much larger or smaller, evenly; at least 1 byte remains', default: 0 }),
    delay: Duration({ description: 'how long each piece waits for the one before', default: 0 })
  }),
  doc: {
    summary: 'Cuts what a connection carries into small pieces, so that a reader never gets a message in one.',
    example: { type: 'slicer', size: '100B', variation: '50B', delay: '10ms' },
    seen: { curl: 'a transfer in many small steps', node: 'many small `data` events' },
    limits: 'A piece is one write; kernels may join pieces again unless there is a delay between them. A chunk (one read, up to 64 KiB) is cut into 4096 pieces at most: smaller ones become as much larger.',
    like: [{ tool: 'Toxiproxy', what: '`slicer` (average_size, size_variation, delay in microseconds)', as: { type: 'slicer', size: '100B', variation: '50B', delay: '10us' } }]
  },
  toxic: {
    type: 'slicer',
    attributes: { average_size: { least: 1 }, size_variation: {}, delay: {} },
    toParams: ({ average_size: size, size_variation: variation, delay }) => ({ size, variation, delay: delay! / 1000 }),
    toAttributes: ({ size, variation, delay }) => ({
      average_size: size, size_variation: variation, delay: Math.round(delay * 1000)
    })
  },
  check: (params, at) => atLeastOne(params.size, at('size')),
  begin: ({ size, variation, delay }, random) => ({
    chunk: ({ length }) => length === 0 ? PASS : { do: 'split', sizes: slice(length, size, variation, random), gap: delay }
  })
})
