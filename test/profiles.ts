import { describeVariant } from './describe-variant.ts';
import type { Profile } from './placed-archive.ts';

export * from './placed-archive.ts';

/** The suite where all variants are available that the profile needs. */
export function describeProfile(profile: Profile, body: () => void): void {
  const nested = profile.needs.reduceRight<() => void>(
    (inner, name, at) => () => describeVariant(name, at === 0 ? `on ${profile.name}` : 'and', inner),
    body,
  );
  nested();
}
