import type { Transcript, Turn } from '../../helpers/transcript.ts';

/** Answers a whole GET for that path. */
function onGet(path: string, ...lines: readonly string[]): Turn {
  const answer = Buffer.from(lines.join('\r\n'));
  return (said) => {
    const request = said.toString('latin1');
    return request.startsWith(`GET ${path} HTTP/1.1\r\n`) && request.endsWith('\r\n\r\n') ? answer : undefined;
  };
}

/** As nginx 1.22.1 said it. */
const NGINX = onGet(
  '/',
  ...['HTTP/1.1 200 OK', 'Server: nginx/1.22.1', 'Date: Thu, 26 Nov 2026 00:12:37 GMT', 'Content-Type: text/html'],
  ...['Content-Length: 8', 'Connection: close', '', 'welcome\n'],
);

export const transcripts: readonly Transcript[] = [
  { title: 'nginx', service: 'http', turns: [NGINX], hangsUp: true, facts: {} },
  { title: 'nginx in TLS', service: 'https', tls: { judge: 'nothing' }, turns: [NGINX], hangsUp: true, facts: {} },
  {
    title: 'an answer in chunks, and what it must have',
    service: 'http',
    options: { path: '/health', contains: 'status', json: 'body.status == "ok"' },
    turns: [
      onGet(
        '/health',
        ...['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', 'a', '{"status":', '5', '"ok"}', '0', '', ''],
      ),
    ],
    facts: {},
  },
  {
    title: 'a redirect that is not followed',
    service: 'http',
    options: { follow_redirects: false, status: '3xx' },
    turns: [onGet('/', 'HTTP/1.1 301 Moved Permanently', 'Location: https://a.example/', 'Content-Length: 0', '', '')],
    facts: {},
  },
  {
    title: 'a body without a length',
    service: 'https',
    options: { not_contains: 'error', max_response_time: '1m' },
    tls: { judge: 'nothing' },
    turns: [onGet('/', 'HTTP/1.0 200 OK', 'Server: SimpleHTTP/0.6', '', '')],
    hangsUp: true,
    facts: {},
  },
];
