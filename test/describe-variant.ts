import { describe, test } from '@jest/globals';
import { isRequired, variant, type VariantName } from './variants.ts';

/**
 * `describe` where the variant is available; else one skipped test that says why, or a failed one where this run
 * requires the variant.
 */
export function describeVariant(name: VariantName, title: string, body: () => void): void {
  const answer = variant(name);
  if (answer.available) {
    describe(`${title} [${name}]`, body);
    return;
  }
  describe(title, () => {
    if (isRequired(name)) {
      test(`needs the variant ${name}`, () => {
        throw new Error(`This run requires the variant ${name}, which is not available: ${answer.reason}`);
      });
    } else {
      test.skip(`needs the variant ${name}: ${answer.reason}`, () => undefined);
    }
  });
}
