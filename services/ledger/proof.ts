import { type HashTiles, rangeRoot } from './hash-tiles.ts';
import { emptyRoot, isPowerOfTwo, nodeHash, sameHash, splitPoint } from './tree.ts';

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

type Side = 'left' | 'right';

/**
 * On which side each hash of a proof joins, on the way up from node `at` of a level whose last node is `last`
 * (RFC 9162 §2.1.3.2 and §2.1.4.2); undefined when `count` hashes do not lead to the root. Integers are halved, not
 * shifted: sizes go beyond 32 bits.
 */
function sides(at: number, last: number, count: number): readonly Side[] | undefined {
  const joined: Side[] = [];
  let [node, end] = [at, last];
  while (joined.length < count && end > 0) {
    joined.push(node % 2 === 1 || node === end ? 'left' : 'right');
    [node, end] = nextJoin(node, end);
  }
  return joined.length === count && end === 0 ? joined : undefined;
}

/** The right edge goes up alone, without a sibling, until something stands to its left. */
function nextJoin(at: number, last: number): [number, number] {
  let [node, end] = [at, last];
  if (node === end) while (node % 2 === 0 && node !== 0) [node, end] = [half(node), half(end)];
  return [half(node), half(end)];
}

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes(proof)) return false;
  const joined = sides(index, size - 1, proof.length);
  return joined !== undefined && sameHash(climb(leaf, proof, joined), root);
}

function climb(start: Uint8Array, proof: readonly Uint8Array[], joined: readonly Side[]): Uint8Array {
  return proof.reduce(
    (hash, sibling, i) => (joined[i] === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)),
    start,
  );
}

function areHashes(proof: readonly Uint8Array[]): boolean {
  return proof.every((hash) => hash.length === emptyRoot.length);
}

/** RFC 9162 §2.1.4.2, and the two trivial cases: nothing is consistent with everything, a tree with itself. */
export function verifyConsistency(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(first.size) || !isSize(second.size) || first.size > second.size) return false;
  if (!areHashes(proof)) return false;
  if (first.size === second.size) return proof.length === 0 && sameHash(first.root, second.root);
  if (first.size === 0) return proof.length === 0 && sameHash(first.root, emptyRoot);
  return walkConsistency(first, second, proof);
}

function walkConsistency(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const [start, ...rest] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  if (start === undefined || rest.length === 0) return false;
  let [at, last] = [first.size - 1, second.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  const joined = sides(at, last, rest.length);
  if (joined === undefined) return false;
  // The first tree consists of what joins from the left only.
  const older = rest.filter((_, i) => joined[i] === 'left').reduce((hash, left) => nodeHash(left, hash), start);
  return sameHash(older, first.root) && sameHash(climb(start, rest, joined), second.root);
}
