// http-proxy with a keep-alive agent, without which it opens a connection for every request. Argument: the upstream's port.
import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'

const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${process.argv[2]}`,
  agent: new Agent({ keepAlive: true, maxSockets: 256 })
})
proxy.on('error', (_error, _request, response) => response.destroy?.())
const server = createServer((request, response) => proxy.web(request, response))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
