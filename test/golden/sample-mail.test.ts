import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { generateSampleMail } from '../../scripts/sample-mail/index.ts';

/** Digest of every path and every byte of the sample. It changes only when the sample is meant to change. */
const golden = '0c955721b9ae8303969dfa4ad053963298de33c79068d1e3e2d0d5e62ae2582d';

function digestOfAll(seed?: number): string {
  const hash = createHash('sha256');
  for (const { custodian, folder, name, bytes } of generateSampleMail(seed)) {
    hash.update(`${custodian}/${folder}/${name} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

test('the sample mail is the same on every machine, byte for byte', () => {
  expect(digestOfAll()).toBe(golden);
});

test('another seed gives other mail', () => {
  expect(digestOfAll(1)).not.toBe(golden);
});
