import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { policyText, principals } from '../../s3-principals.ts';
import { filesIn, textOf } from './infra-files.ts';
import { ofKind } from './manifests.ts';

const several = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().regex(/^[A-Za-z0-9]+$/u),
      Effect: z.enum(['Allow', 'Deny']),
      Principal: z.literal('*').optional(),
      Action: z.array(z.string()),
      Resource: several,
      Condition: z.record(z.string(), z.record(z.string(), several)).optional(),
    }),
  ),
});

const names = filesIn('infra/s3/policies', '.json').map((file) => file.replace(/^.*\/|\.json$/gu, ''));
const policies = new Map(names.map((name) => [name, policy.parse(JSON.parse(policyText(name)))]));

/** Policies with a statement that allows the action, on some of these resources if any are given. */
function allowing(action: string, resource = '', conditioned = true): string[] {
  return names
    .filter((name) =>
      policies
        .get(name)
        ?.Statement.some(
          ({ Action, Condition, Effect, Resource }) =>
            Effect === 'Allow' &&
            Action.includes(action) &&
            Resource.some((one) => one.includes(resource)) &&
            (conditioned || Condition === undefined),
        ),
    )
    .sort();
}

describe('the policies of infra/s3', () => {
  test('allow what they name, no pattern of actions, and no bypass', () => {
    for (const { Statement } of policies.values()) {
      for (const { Action, Effect, Principal, Resource } of Statement) {
        expect(Principal).toBeUndefined();
        for (const action of Action) expect(action).toMatch(/^s3:[A-Z][A-Za-z]+$/u);
        if (Effect === 'Allow') expect(Resource.filter((one) => !one.startsWith('arn:aws:s3:::muniment-'))).toEqual([]);
      }
    }
    expect(allowing('s3:BypassGovernanceRetention')).toEqual([]);
    const [denied] = policies.get('process')?.Statement.filter(({ Effect }) => Effect === 'Deny') ?? [];
    expect(denied).toMatchObject({ Resource: ['*'], Action: expect.arrayContaining(['s3:BypassGovernanceRetention']) });
  });

  test('keep lifting a hold, and destroying, apart from all else', () => {
    for (const place of ['mail/archive/', 'mail/ledger/']) {
      expect(allowing('s3:PutObjectLegalHold', place, false)).toEqual(place === 'mail/archive/' ? ['release'] : []);
      expect(allowing('s3:DeleteObjectVersion', place)).toEqual(['dispose']);
      expect(allowing('s3:DeleteObject', place)).toEqual([]);
    }
    const examined = policies.get('examine')?.Statement.flatMap(({ Resource }) => Resource) ?? [];
    expect(new Set(examined.map((one) => one.replace(/^arn:aws:s3:::muniment-record/u, '')))).toEqual(
      new Set(['/mail/doctor/*', '']),
    );
    const may = (ability: string) => [...principals()].flatMap(([who, own]) => (own.includes(ability) ? [who] : []));
    expect(may('release')).toEqual(['scheduler', 'releaser']);
    expect(may('dispose')).toEqual(['scheduler', 'disposer']);
  });

  test('are all given to somebody, and everybody that Kubernetes has a credential for is there', () => {
    expect(new Set([...principals().values()].flat())).toEqual(new Set(names));
    for (const own of principals().values()) expect(own).toContain('process');
    const secrets = ofKind('Secret').flatMap(({ metadata }) => /^muniment-s3-(.*)$/u.exec(metadata.name)?.[1] ?? []);
    expect(secrets.sort()).toEqual(['api', 'committer', 'scheduler', 'worker']);
    expect([...principals().keys()]).toEqual(expect.arrayContaining(secrets));
  });

  test('and the bucket refuses the same by itself', () => {
    const { Statement } = policy.parse(JSON.parse(textOf('infra/s3/settings/record-bucket-policy.json')));
    expect(new Set(Statement.map(({ Effect, Principal }) => `${Effect} ${Principal ?? ''}`))).toEqual(
      new Set(['Deny *']),
    );
    const roles = Statement.flatMap(({ Condition }) => Condition?.['ArnNotEquals']?.['aws:PrincipalArn'] ?? []);
    const known = [...principals().keys()];
    for (const role of roles) expect(known).toContain(role.replace(/^.*:role\/muniment-/u, ''));
  });

  test('every file of settings is used by a command of the README', () => {
    const readme = textOf('infra/s3/README.md');
    const unused = filesIn('infra/s3/settings', '.json').filter((file) => {
      const name = file.replace(/^.*\/|\.json$/gu, '');
      return !readme.includes(`\`${name}\``);
    });
    expect(unused).toEqual([]);
  });
});
