import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { installed, start } from './process.ts'
import type { Running } from './process.ts'

/** The server behind every proxy: nginx, answering from memory. `/` is 1 KiB, `/bulk` is 64 MiB. */
export async function startUpstream (folder: string): Promise<Running> {
  const port = await freePort()
  // nginx's worker runs as another user when started by root.
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'bulk'), Buffer.alloc(64 * 1024 * 1024, 'b'))
  return await start('nginx (upstream)', nginx(folder, 'upstream', `
    server {
      listen 127.0.0.1:${port} backlog=4096;
      location / { default_type text/plain; return 200 "${'a'.repeat(1024)}"; }
      location /bulk { root ${folder}; }
    }`), port)
}

/** Something that is measured: how to start it in front of an upstream. */
export interface Peer { name: string, start: (upstream: number) => Promise<Running> }

const script = (name: string): string => new URL(`./peers/${name}.js`, import.meta.url).pathname

/** premortem with a protocol and, if given, a fault. */
export function premortem (name: string, protocol: 'http' | 'tcp', fault?: object): Peer {
  const args = fault === undefined ? [] : [JSON.stringify(fault)]
  return { name, start: (upstream) => start(name, [process.execPath, script('premortem'), String(upstream), protocol, ...args]) }
}

/** The peers there are on this machine; missing programs are named on stderr. */
export function peers (folder: string): Peer[] {
  const node = (name: string): Peer => ({
    name, start: (upstream) => start(name, [process.execPath, script(name), String(upstream)])
  })
  const all: (Peer & { needs?: string })[] = [
    {
      name: 'nginx',
      needs: 'nginx',
      async start (upstream) {
        const port = await freePort()
        return await start('nginx', nginx(folder, 'proxy', `
          upstream node { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 1000000000; }
          server {
            listen 127.0.0.1:${port} backlog=4096;
            location / { proxy_pass http://node; proxy_http_version 1.1; proxy_set_header Connection ""; }
          }`), port)
      }
    },
    {
      name: 'haproxy',
      needs: 'haproxy',
      async start (upstream) {
        const port = await freePort()
        const file = join(folder, 'haproxy.cfg')
        writeFileSync(file, `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:${port} backlog 4096
  default_backend node
backend node
  server node 127.0.0.1:${upstream}
`)
        return await start('haproxy', ['haproxy', '-db', '-q', '-f', file], port)
      }
    },
    node('pipe'),
    node('fastify-http-proxy'),
    node('http-proxy')
  ]
  return all.filter((peer) => {
    const there = peer.needs === undefined || installed(peer.needs)
    if (!there) process.stderr.write(`left out: ${peer.name} is not installed\n`)
    return there
  })
}

// One worker: every contender gets one core's worth of process.
function nginx (folder: string, name: string, http: string): string[] {
  const prefix = join(folder, name)
  mkdirSync(join(prefix, 'tmp'), { recursive: true })
  const file = join(prefix, 'nginx.conf')
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${prefix}/tmp/${kind};`).join(' ')
  writeFileSync(file, `worker_processes 1; daemon off; pid ${prefix}/pid; error_log /dev/null;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000; ${temps} ${http} }
`)
  return ['nginx', '-p', prefix, '-e', '/dev/null', '-c', file]
}

function freePort (): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => { resolve(port) })
    })
  })
}
