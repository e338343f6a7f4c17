import { join } from 'node:path';
import { freePort } from '../e2e-ports.ts';
import type { Stage } from '../e2e-stage.ts';
import { listening } from './listening.ts';

type Nginx = {
  readonly address: string;
  /** In TLS. */
  readonly secureAddress: string;
  /** All of its log of errors so far, at its default level. */
  readonly errors: () => string;
};

/** An nginx that answers "hello" to everybody, in the clear and in TLS; `tls` are further lines for the latter. */
export async function startNginx(
  stage: Stage,
  { cert, key }: { readonly cert: Buffer; readonly key: Buffer },
  tls: readonly string[] = [],
): Promise<Nginx> {
  const [port, securePort] = [await freePort(), await freePort()];
  const inside = (name: string) => join(stage.directory, name);
  const certificate = stage.write('nginx.pem', cert.toString());
  const secret = stage.write('nginx.key', key.toString());
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${inside(kind)};`,
  );
  const config = stage.write(
    'nginx.conf',
    `daemon off; worker_processes 1; user nobody nogroup; pid ${inside('nginx.pid')}; error_log stderr error;
events { worker_connections 256; }
http {
  access_log off; ${paths.join(' ')}
  server { listen 127.0.0.1:${port}; location / { return 200 "hello"; } }
  server {
    listen 127.0.0.1:${securePort} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${secret};
    ${tls.join(' ')} location / { return 200 "hello"; }
  }
}
`,
  );
  const program = stage.start(['nginx', '-p', stage.directory, '-c', config]);
  await Promise.all([listening(port), listening(securePort)]);
  return {
    address: `127.0.0.1:${port}`,
    secureAddress: `127.0.0.1:${securePort}`,
    errors: () => program.stderr,
  };
}
