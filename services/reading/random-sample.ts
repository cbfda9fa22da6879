import { hash } from 'node:crypto';
import type { Digest, Sequence } from '#kernel';
import { ReadingFault } from './reading-fault.ts';

/** How sure a sample is to be, in parts of 1: with `confidence`, a share counted in it is off by at most `margin`. */
export interface Precision {
  readonly confidence: number;
  readonly margin: number;
}

/**
 * How many of so many messages a random sample must have: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), §4.4, for the
 * least favourable share of one half, with the correction for a finite population.
 * @throws ReadingFault `precision-invalid` outside of 50 to 99.9 % and 0.1 to 50 %
 */
export function sampleSize(population: number, { confidence, margin }: Precision): number {
  if (!(confidence >= 0.5 && confidence <= 0.999)) throw invalid('a confidence', '50% to 99.9%');
  if (!(margin >= 0.001 && margin <= 0.5)) throw invalid('a margin of error', '0.1% to 50%');
  if (population === 0) return 0;
  const endless = (normalQuantile((1 + confidence) / 2) ** 2 * 0.25) / margin ** 2;
  return Math.min(population, Math.ceil(endless / (1 + (endless - 1) / population)));
}

/**
 * The sample of this size that a seed gives: those whose sha256 of seed, LF and digest is the lowest, in that order. It depends
 * on nothing else, so that anybody with the list can draw it again.
 */
export function drawn<T extends { readonly digest: Digest; readonly sequence: Sequence }>(
  population: Iterable<T>,
  size: number,
  seed: string,
): T[] {
  const lots = Array.from(population, (one) => ({ one, lot: hash('sha256', `${seed}\n${one.digest}`, 'hex') }));
  lots.sort((a, b) => (a.lot < b.lot ? -1 : 1));
  return lots.slice(0, size).map(({ one }) => one);
}

function invalid(what: string, bounds: string): ReadingFault {
  return new ReadingFault('precision-invalid', `That is no ${what.replace(/^a /u, '')} a sample can have.`, {
    remedy: `Give ${what} of ${bounds}, as in --sample 95% 5%.`,
  });
}

/**
 * The standard normal distribution's quantile for 0.5 <= p < 1, by M. J. Wichura, Algorithm AS 241 (PPND7), Applied Statistics
 * 37 (1988): about seven digits.
 */
function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (q <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * polynomial(r, [3.3871327179, 50.434271938, 159.29113202, 59.10937472])) /
      polynomial(r, [1, 17.895169469, 78.757757664, 67.1875636])
    );
  }
  const r = Math.sqrt(-Math.log(1 - p)) - 1.6;
  return (
    polynomial(r, [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103]) /
    polynomial(r, [1, 0.7370016425, 0.12021132975])
  );
}

function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}
