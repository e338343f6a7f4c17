import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../e2e-ports.ts';
import type { Stage } from '../e2e-stage.ts';
import { listening } from './listening.ts';

/** An nginx with pages of all kinds. */
type Website = {
  readonly port: number;
  /** In TLS, by HTTP/2 where that is wished. */
  readonly securePort: number;
  /** All of its log of errors so far, at its default level. */
  readonly errors: () => string;
  /** The lines of its log of requests so far. */
  readonly requests: () => readonly string[];
};

const SIZE = 5 * 1024 * 1024;

/** As nginx is set up for a site: both logs, TLS, compression, a password, a redirect, a page that fails. */
export async function startWebsite(
  stage: Stage,
  { cert, key }: { readonly cert: Buffer; readonly key: Buffer },
): Promise<Website> {
  const [port, securePort] = [await freePort(), await freePort()];
  const inside = (name: string) => join(stage.directory, name);
  const log = stage.write('access.log', '');
  stage.write('site/index.html', 'Welcome\n'.repeat(100));
  stage.write('site/big.bin', 'x'.repeat(SIZE));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${inside(kind)};`,
  );
  const password = stage.write('passwords', 'me:{PLAIN}pass word\n');
  const config = stage.write(
    'website.conf',
    `daemon off; worker_processes 1; user nobody nogroup; pid ${inside('website.pid')}; error_log stderr error;
events { worker_connections 256; }
http {
  access_log ${log}; ${paths.join(' ')}
  gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0;
  server {
    listen 127.0.0.1:${port}; listen 127.0.0.1:${securePort} ssl http2; server_name localhost; root ${inside('site')};
    ssl_certificate ${stage.write('website.pem', cert.toString())}; ssl_certificate_key ${stage.write('website.key', key.toString())};
    location /old { return 301 https://localhost:${securePort}/; }
    location /private { auth_basic "private"; auth_basic_user_file ${password}; alias ${inside('site/index.html')}; default_type text/plain; }
    location /broken { return 500 "Sorry"; }
    location /health { default_type application/json; return 200 '{"status":"ok","queue":3}'; }
    location /post { return 201; }
  }
}
`,
  );
  const program = stage.start(['nginx', '-p', stage.directory, '-c', config]);
  await Promise.all([listening(port), listening(securePort)]);
  return {
    port,
    securePort,
    errors: () => program.stderr,
    requests: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
  };
}
