import { type HashTiles, rangeRoot } from './hash-tiles.ts';
import { emptyRoot, nodeHash, sameHash, splitPoint } from './tree.ts';

/** RFC 6962 §2.1.1, PATH(index, D[size]): from the leaf's sibling up to the root's child. */
export function inclusionProof(tiles: HashTiles, index: number, size: number): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`no entry ${index} in a tree of ${size}`);
  return path(tiles, index, 0, size);
}

function path(tiles: HashTiles, index: number, from: number, to: number): Uint8Array[] {
  if (to - from === 1) return [];
  const middle = from + splitPoint(to - from);
  return index < middle
    ? [...path(tiles, index, from, middle), rangeRoot(tiles, middle, to)]
    : [...path(tiles, index, middle, to), rangeRoot(tiles, from, middle)];
}

/** RFC 6962 §2.1.2, PROOF(first, D[second]). Empty when `first` is 0 or equal to `second`. */
export function consistencyProof(tiles: HashTiles, first: number, second: number): Uint8Array[] {
  if (!(first >= 0 && first <= second)) throw new RangeError(`no way from ${first} to ${second}`);
  return first === 0 || first === second ? [] : subproof(tiles, first, 0, second, true);
}

/** `whole`: the range is a subtree that the verifier knows already, because it is the first tree itself. */
function subproof(tiles: HashTiles, first: number, from: number, to: number, whole: boolean): Uint8Array[] {
  if (first === to) return whole ? [] : [rangeRoot(tiles, from, to)];
  const middle = from + splitPoint(to - from);
  return first <= middle
    ? [...subproof(tiles, first, from, middle, whole), rangeRoot(tiles, middle, to)]
    : [...subproof(tiles, first, middle, to, false), rangeRoot(tiles, from, middle)];
}

const half = (n: number): number => Math.floor(n / 2);
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** RFC 9162 §2.1.3.2. Integers are halved, not shifted: sizes go beyond 32 bits. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== emptyRoot.length) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(hash, root);
}

/** RFC 9162 §2.1.4.2, and the two trivial cases: nothing is consistent with everything, a tree with itself. */
export function verifyConsistency(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(first.size) || !isSize(second.size) || first.size > second.size) return false;
  if (proof.some((hash) => hash.length !== emptyRoot.length)) return false;
  if (first.size === second.size) return proof.length === 0 && sameHash(first.root, second.root);
  if (first.size === 0) return proof.length === 0 && sameHash(first.root, emptyRoot);
  return walkConsistency(first, second, proof);
}

function walkConsistency(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const [start, ...rest] = Number.isInteger(Math.log2(first.size)) ? [first.root, ...proof] : proof;
  if (start === undefined || rest.length === 0) return false;
  let [at, last] = [first.size - 1, second.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [older, newer] = [start, start];
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      older = nodeHash(hash, older);
      newer = nodeHash(hash, newer);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newer = nodeHash(newer, hash);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(older, first.root) && sameHash(newer, second.root);
}
