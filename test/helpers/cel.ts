import { compileCel } from '../../src/checks/cel.ts';
import { readCelBody } from '../../src/checks/cel-value.ts';
import { Work } from '../../src/checks/work.ts';

/** What an expression is for a body, or what is wrong with it, or with the body. */
export function evaluated(source: string, body: unknown, work = new Work()): boolean | string {
  const cel = compileCel(source);
  if (!cel.ok) throw new Error(cel.problem);
  const json = readCelBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), work);
  if (!json.ok) return json.problem;
  const result = cel.value.evaluate(json.value, work);
  return result.ok ? result.value : result.problem;
}
