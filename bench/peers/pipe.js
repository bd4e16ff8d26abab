// The least a proxy in Node can do: two sockets and two pipes. Argument: the upstream's port.
import { connect, createServer } from 'node:net'

const upstream = Number(process.argv[2])
createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const node = connect({ port: upstream, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  client.pipe(node).pipe(client)
  client.on('error', () => node.destroy())
  node.on('error', () => client.destroy())
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })
