import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { commandPath } from '../../../scripts/command-path.ts';
import { corpus } from '../../corpora.ts';
import { describeVariant } from '../../describe-variant.ts';
import { isOptional, isRequired, variant, variantNames, variants } from '../../variants.ts';

describe('variants', () => {
  test('every variant is listed once, and says whether it can run and why not', () => {
    expect(variantNames.toSorted()).toEqual(Object.keys(variants).sort());
    for (const name of variantNames) {
      const answer = variant(name);
      if (!answer.available) expect(answer.reason).not.toBe('');
    }
  });

  test('MUNIMENT_REQUIRE_VARIANTS requires all or those it names', () => {
    const before = process.env['MUNIMENT_REQUIRE_VARIANTS'];
    try {
      process.env['MUNIMENT_REQUIRE_VARIANTS'] = 'dovecot, tmpfs';
      expect(variantNames.filter((name) => isRequired(name))).toEqual(['dovecot', 'tmpfs']);
      process.env['MUNIMENT_REQUIRE_VARIANTS'] = 'all';
      expect(variantNames.filter((name) => !isRequired(name))).toEqual(variantNames.filter(isOptional));
      process.env['MUNIMENT_REQUIRE_VARIANTS'] = 'all, s3-versity';
      expect(variantNames.every((name) => isRequired(name))).toBe(true);
      process.env['MUNIMENT_REQUIRE_VARIANTS'] = '';
      expect(variantNames.some((name) => isRequired(name))).toBe(false);
    } finally {
      if (before === undefined) delete process.env['MUNIMENT_REQUIRE_VARIANTS'];
      else process.env['MUNIMENT_REQUIRE_VARIANTS'] = before;
    }
  });

  test('a command is found where it lies, and not where it does not', () => {
    expect(existsSync(commandPath('sh') ?? '')).toBe(true);
    expect(commandPath('no-such-command-anywhere')).toBeUndefined();
  });
});

describeVariant('corpora', 'a corpus of real mail', () => {
  test('is unpacked once and then the same folder', async () => {
    const [first, second] = await Promise.all([corpus('protocols-and-formats'), corpus('protocols-and-formats')]);
    expect(first).toBeDefined();
    expect(second).toBe(first);
    expect((await readdir(first ?? '')).length).toBeGreaterThan(0);
  });
});
