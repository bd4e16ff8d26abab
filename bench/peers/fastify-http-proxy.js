// @fastify/http-proxy as its README shows it. Argument: the upstream's port.
import Fastify from 'fastify'
import proxy from '@fastify/http-proxy'

const app = Fastify({ logger: false })
await app.register(proxy, { upstream: `http://127.0.0.1:${process.argv[2]}`, http: { agentOptions: { keepAliveMsecs: 60_000, maxSockets: 256 } } })
await app.listen({ port: 0, host: '127.0.0.1' })
console.log(app.server.address().port)
