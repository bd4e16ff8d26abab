// premortem's data plane as `premortem serve` runs it. Arguments: the upstream's port, the protocol, and { fault, tls } as JSON.
import { Premortem } from '../../dist/premortem.js'
import { decodeConfig } from '../../dist/config/schema.js'

const [, , upstream, protocol, more] = process.argv
const { fault, tls } = JSON.parse(more)
const written = {
  control: { listen: '127.0.0.1:0' },
  data: process.env.PREMORTEM_BENCH_DATA,
  proxies: [{
    name: 'bench',
    listen: '127.0.0.1:0',
    protocol,
    upstream: `127.0.0.1:${upstream}`,
    ...tls === undefined ? {} : { tls },
    faults: fault === undefined ? [] : [fault]
  }]
}
const premortem = new Premortem(decodeConfig(written, () => ''))
await premortem.start()
console.log(premortem.proxies.get('bench').address.port)
