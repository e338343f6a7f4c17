import { expect, it } from 'vitest';
import { byteSize } from '../../src/config/byte-size.ts';

it.each([
  ['10MB', 10 * 1024 ** 2],
  ['10MiB', 10 * 1024 ** 2],
  ['1.5KB', 1536],
  ['.5KB', 512],
  ['+1B', 1],
  ['1MB2KB3B', 1024 ** 2 + 2048 + 3],
  ['1GiB1MiB', 1024 ** 3 + 1024 ** 2],
  ['8EB', Number.MAX_SAFE_INTEGER],
  [0, undefined],
  ['0', undefined],
  ['0B', undefined],
  ['-1B', undefined],
])('%s is a size', (written, bytes) => {
  expect(byteSize().parse(written)).toBe(bytes);
});

const FORM = 'must be a size such as 10MB or 512KB (of B, KB, MB, GB, TB), not ';

it.each([
  [100, 'needs a unit: write 100B for 100 bytes'],
  ['100', 'needs a unit: write 100B for 100 bytes'],
  ['10kB', `${FORM}"10kB"`],
  ['10mb', `${FORM}"10mb"`],
  ['10M', `${FORM}"10M"`],
  ['10 MB', `${FORM}"10 MB"`],
  ['1MiB2KB', `${FORM}"1MiB2KB"`],
  ['MB', `${FORM}"MB"`],
  ['.MB', `${FORM}".MB"`],
  ['9999EB', `${FORM}"9999EB"`],
  ['', `${FORM}""`],
  [`${'1'.repeat(50_000)}`, `${FORM}"${'1'.repeat(60)}..."`],
  [[], 'must be a size such as 10MB, not a list'],
])('%s is not', (written, problem) => {
  expect(
    byteSize()
      .safeParse(written)
      .error?.issues.map(({ message }) => message),
  ).toEqual([problem]);
});
