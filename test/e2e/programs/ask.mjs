// Takes one request to a URL, with headers as JSON, and prints status, body and time as JSON.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

const [, , url, headers] = process.argv;
const began = performance.now();
request(url, { headers: JSON.parse(headers), agent: false }, async (response) => {
  const body = await text(response);
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(JSON.stringify({ status: response.statusCode, body, seconds }));
}).end();
