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
  return await start('nginx (upstream)', nginx(folder, 'upstream', {
    http: `
    server {
      listen 127.0.0.1:${port} backlog=4096;
      location / { default_type text/plain; return 200 "${'a'.repeat(1024)}"; }
      location /bulk { root ${folder}; }
    }`
  }), port)
}

/** Something that is measured: how to start it in front of an upstream, and the program or file without which it cannot be. */
export interface Peer { name: string, needs?: string, start: (upstream: number) => Promise<Running> }

const script = (name: string): string => new URL(`./peers/${name}.js`, import.meta.url).pathname

/** premortem with a protocol and, if given, a fault and TLS. */
export function premortem (name: string, protocol: 'http' | 'tcp', more: { fault?: object, tls?: object | string } = {}): Peer {
  return { name, start: (upstream) => start(name, [process.execPath, script('premortem'), String(upstream), protocol, JSON.stringify(more)]) }
}

/** The peers there are on this machine; missing programs are named on stderr. */
export function peers (folder: string): Peer[] {
  const node = (name: string): Peer => ({
    name, start: (upstream) => start(name, [process.execPath, script(name), String(upstream)])
  })
  return present([
    {
      name: 'nginx',
      needs: 'nginx',
      async start (upstream) {
        const port = await freePort()
        return await start('nginx', nginx(folder, 'proxy', {
          http: `
          upstream node { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 1000000000; }
          server {
            listen 127.0.0.1:${port} backlog=4096;
            location / { proxy_pass http://node; proxy_http_version 1.1; proxy_set_header Connection ""; }
          }`
        }), port)
      }
    },
    {
      name: 'haproxy',
      needs: 'haproxy',
      async start (upstream) {
        const port = await freePort()
        return await start('haproxy', haproxy(folder, 'haproxy', {
          mode: 'http\n  http-reuse always', bind: `127.0.0.1:${port}`, server: `127.0.0.1:${upstream}`
        }), port)
      }
    },
    node('pipe'),
    node('fastify-http-proxy'),
    node('http-proxy')
  ])
}

/** Those of them that can be started here; what is missing is named on stderr. */
export function present (all: Peer[]): Peer[] {
  return all.filter(({ name, needs }) => {
    const there = needs === undefined || installed(needs)
    if (!there) process.stderr.write(`left out: ${name} (${needs} is not installed)\n`)
    return there
  })
}

/** The command for an nginx with one worker: every contender gets one core's worth of process. */
export function nginx (folder: string, name: string, { main = '', http, stream }: { main?: string, http?: string, stream?: string }): string[] {
  const prefix = join(folder, name)
  mkdirSync(join(prefix, 'tmp'), { recursive: true })
  const file = join(prefix, 'nginx.conf')
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${prefix}/tmp/${kind};`).join(' ')
  writeFileSync(file, `${main}
worker_processes 1; daemon off; pid ${prefix}/pid; error_log /dev/null;
events { worker_connections 8192; }
${http === undefined ? '' : `http { access_log off; keepalive_requests 1000000000; ${temps} ${http} }`}
${stream === undefined ? '' : `stream { ${stream} }`}
`)
  return ['nginx', '-p', prefix, '-e', '/dev/null', '-c', file]
}

/** The command for a haproxy with one thread; `frontend` are lines of its frontend. */
export function haproxy (folder: string, name: string, { mode, bind, server, frontend = '' }: { mode: string, bind: string, server: string, frontend?: string }): string[] {
  const file = join(folder, `${name}.cfg`)
  writeFileSync(file, `global
  nbthread 1
  maxconn 4000
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind ${bind} backlog 4096
${frontend}  default_backend node
backend node
  server node ${server}
`)
  return ['haproxy', '-db', '-q', '-f', file]
}

/** A port that nobody listens on. */
export function freePort (): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => { resolve(port) })
    })
  })
}
