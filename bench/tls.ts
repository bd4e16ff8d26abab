import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, haproxy, nginx, present, premortem } from './peers.ts'
import type { Peer } from './peers.ts'
import { start } from './process.ts'
import type { Running } from './process.ts'

/** A certificate for localhost and the CA that signed it, in PEM files. */
export interface Certificate { kind: KeyKind, ca: string, certificate: string, key: string, both: string }

/** What a certificate's key is. */
export type KeyKind = 'RSA-2048' | 'P-256'

const ALGORITHM: Record<KeyKind, string[]> = { 'RSA-2048': ['rsa:2048'], 'P-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] }

// Debian keeps nginx's stream module in a package of its own.
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so'

/** Makes a CA and a certificate with the openssl CLI; nothing of it outlives the run. */
export function makeCertificate (folder: string, kind: KeyKind): Certificate {
  const place = join(folder, kind)
  mkdirSync(place)
  const file = (name: string): string => join(place, name)
  const request = (name: string, subject: string, ...more: string[]): void => {
    const args = ['req', '-x509', '-newkey', ...ALGORITHM[kind], '-nodes', '-days', '2', '-subj', subject, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]
    const { status, stderr } = spawnSync('openssl', [...args, ...more], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl failed: ${stderr}`)
  }
  request('ca', '/CN=bench CA')
  request('leaf', '/CN=localhost', '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-addext', 'basicConstraints=critical,CA:false',
    '-addext', 'subjectAltName=DNS:localhost')
  // haproxy wants certificate and key in one file.
  writeFileSync(file('both.pem'), readFileSync(file('leaf.pem'), 'utf8') + readFileSync(file('leaf.key'), 'utf8'), { mode: 0o600 })
  return { kind, ca: file('ca.pem'), certificate: file('leaf.pem'), key: file('leaf.key'), both: file('both.pem') }
}

/** The server behind proxies that speak TLS: nginx, 1 KiB from memory, sessions resumed by tickets as by default. */
export async function startTlsUpstream (folder: string, { kind, certificate, key }: Certificate): Promise<Running> {
  const port = await freePort()
  return await start('nginx (TLS upstream)', nginx(folder, `upstream-${kind}`, {
    http: `
    server {
      listen 127.0.0.1:${port} ssl backlog=4096;
      ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3; ssl_ecdh_curve X25519;
      location / { default_type text/plain; return 200 "${'a'.repeat(1024)}"; }
    }`
  }), port, 'https')
}

/**
 * Proxies that hold both ends of TLS 1.3: a certificate towards clients, whose sessions are not resumed; and towards the
 * upstream a verified one, whose sessions are. `reuse`: nginx and haproxy keep upstream connections for whoever comes next;
 * otherwise each client connection has one of its own, as always with premortem.
 */
export function terminating (folder: string, { kind, ca, certificate, key, both }: Certificate, reuse: boolean): Peer[] {
  const tls = { terminate: { certificate, key }, originate: { ca, 'server-name': 'localhost' } }
  return present([
    premortem('premortem', 'http', { tls }),
    {
      name: 'nginx',
      needs: 'nginx',
      async start (upstream) {
        const port = await freePort()
        return await start('nginx', nginx(folder, `proxy-${kind}-${reuse}`, {
          http: `
          upstream node { server 127.0.0.1:${upstream}; ${reuse ? 'keepalive 256; keepalive_requests 1000000000;' : ''} }
          server {
            listen 127.0.0.1:${port} ssl backlog=4096;
            ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3; ssl_ecdh_curve X25519;
            ssl_session_tickets off; ssl_session_cache off;
            location / {
              proxy_pass https://node; proxy_http_version 1.1; proxy_set_header Connection ${reuse ? '""' : 'close'};
              proxy_ssl_protocols TLSv1.3; proxy_ssl_verify on; proxy_ssl_trusted_certificate ${ca};
              proxy_ssl_server_name on; proxy_ssl_name localhost;
            }
          }`
        }), port, 'https')
      }
    },
    {
      name: 'haproxy',
      needs: 'haproxy',
      async start (upstream) {
        const port = await freePort()
        const bind = `ssl crt ${both} ssl-min-ver TLSv1.3 curves X25519 alpn http/1.1 no-tls-tickets`
        const server = `ssl verify required ca-file ${ca} sni str(localhost) verifyhost localhost ssl-min-ver TLSv1.3`
        return await start('haproxy', haproxy(folder, `tls-${kind}-${reuse}`, {
          mode: `http\n  http-reuse ${reuse ? 'always' : 'never'}`, bind: `127.0.0.1:${port} ${bind}`, server: `127.0.0.1:${upstream} ${server}`
        }), port, 'https')
      }
    }
  ])
}

/** Proxies that read a ClientHello and pass everything on unread. */
export function passing (folder: string): Peer[] {
  return present([
    premortem('premortem', 'tcp', { tls: 'passthrough' }),
    {
      name: 'nginx stream',
      needs: existsSync(STREAM_MODULE) ? 'nginx' : STREAM_MODULE,
      async start (upstream) {
        const port = await freePort()
        return await start('nginx stream', nginx(folder, 'stream', {
          main: `load_module ${STREAM_MODULE};`,
          stream: `server { listen 127.0.0.1:${port} backlog=4096; ssl_preread on; proxy_pass 127.0.0.1:${upstream}; }`
        }), port, 'https')
      }
    },
    {
      name: 'haproxy tcp',
      needs: 'haproxy',
      async start (upstream) {
        const port = await freePort()
        return await start('haproxy tcp', haproxy(folder, 'tcp', {
          mode: 'tcp',
          bind: `127.0.0.1:${port}`,
          server: `127.0.0.1:${upstream}`,
          frontend: '  tcp-request inspect-delay 5s\n  tcp-request content accept if { req.ssl_hello_type 1 }\n'
        }), port, 'https')
      }
    }
  ])
}
