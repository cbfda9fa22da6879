import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  appendToTiles,
  consistencyProof,
  emptyRoot,
  Frontier,
  inclusionProof,
  leafHash,
  MemoryHashTiles,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from '#ledger';

/** The eight leaves, roots and paths with which Certificate Transparency's reference implementations are tested. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const paths: readonly (readonly [number, number, readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
];
const consistency: readonly (readonly [number, number, readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

function treeOf(entries: readonly (string | Uint8Array)[]): { tiles: MemoryHashTiles; hashes: Uint8Array[] } {
  const tiles = new MemoryHashTiles();
  const hashes = entries.map((entry) => leafHash(entry));
  tiles.append(hashes);
  return { tiles, hashes };
}

describe('RFC 6962 test vectors', () => {
  const { tiles, hashes } = treeOf(leaves.map((leaf) => Buffer.from(leaf, 'hex')));

  test('the root of each size', () => {
    expect(hex(emptyRoot)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(rootAt(tiles, 0))).toBe(hex(emptyRoot));
    expect(roots.map((_, i) => hex(rootAt(tiles, i + 1)))).toEqual(roots);
    expect(roots.map((_, i) => hex(Frontier.empty.append(hashes.slice(0, i + 1)).root()))).toEqual(roots);
  });

  test.each(paths)('the inclusion path of leaf %i in a tree of %i', (index, size, path) => {
    expect(inclusionProof(tiles, index, size).map((hash) => hex(hash))).toEqual(path);
  });

  test.each(consistency)('the consistency proof from %i to %i', (first, second, proof) => {
    expect(consistencyProof(tiles, first, second).map((hash) => hex(hash))).toEqual(proof);
  });
});

describe('invariant 20: proofs', () => {
  const total = 700;
  const { tiles, hashes } = treeOf(Array.from({ length: total }, (_, i) => `entry ${i}`));
  const sizeAndIndex = fc
    .integer({ min: 1, max: total })
    .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })));
  const twoSizes = fc
    .integer({ min: 1, max: total })
    .chain((second) => fc.tuple(fc.integer({ min: 1, max: second }), fc.constant(second)));
  const leafAt = (index: number): Uint8Array => hashes[index] ?? emptyRoot;

  test('every entry of every tree has an inclusion proof that verifies', () => {
    fc.assert(
      fc.property(sizeAndIndex, ([size, index]) =>
        verifyInclusion(leafAt(index), index, size, inclusionProof(tiles, index, size), rootAt(tiles, size)),
      ),
      { numRuns: 500, seed: 1 },
    );
  });

  test('an inclusion proof is refused when it is changed, shortened, lengthened, or used elsewhere', () => {
    fc.assert(
      fc.property(sizeAndIndex, fc.nat(), fc.nat(), ([size, index], a, b) => {
        const proof = inclusionProof(tiles, index, size);
        const [leaf, root] = [leafAt(index), rootAt(tiles, size)];
        const forged: boolean[] = [
          verifyInclusion(leafAt((index + 1 + (a % (total - 1))) % total), index, size, proof, root),
          verifyInclusion(leaf, (index + 1 + (a % total)) % (total + 1), size, proof, root),
          verifyInclusion(leaf, index, size, [...proof, emptyRoot], root),
          verifyInclusion(leaf, index, size, proof, rootAt(tiles, (size % total) + 1)),
          verifyInclusion(leaf, index, size, proof, flipped(root, b)),
        ];
        if (proof.length > 0) {
          const at = a % proof.length;
          const changed = proof.map((hash, i) => (i === at ? flipped(hash, b) : hash));
          forged.push(verifyInclusion(leaf, index, size, changed, root));
          forged.push(verifyInclusion(leaf, index, size, proof.toSpliced(at, 1), root));
          forged.push(verifyInclusion(leaf, index, size, proof.toSpliced(at, 1, Buffer.alloc(31)), root));
        }
        if (size === total && index === size - 1) forged.pop();
        return forged.every((accepted) => !accepted);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test('sizes and indexes that are no numbers of entries are refused', () => {
    for (const [index, size] of [
      [-1, 8],
      [8, 8],
      [0.5, 8],
      [0, Infinity],
      [Number.NaN, 8],
      [0, 2 ** 60],
    ] as const) {
      expect(verifyInclusion(leafAt(0), index, size, [], leafAt(0))).toBe(false);
    }
  });

  test('invariant 18: every two states of one history have a consistency proof that verifies', () => {
    fc.assert(
      fc.property(twoSizes, ([first, second]) =>
        verifyConsistency(stateAt(first), stateAt(second), consistencyProof(tiles, first, second)),
      ),
      { numRuns: 500, seed: 3 },
    );
    expect(verifyConsistency(stateAt(0), stateAt(9), [])).toBe(true);
  });

  test('invariant 19: a consistency proof is refused when it is changed, or for another history', () => {
    const other = treeOf(Array.from({ length: total }, (_, i) => (i === 0 ? 'another' : `entry ${i}`))).tiles;
    fc.assert(
      fc.property(twoSizes, fc.nat(), fc.nat(), ([first, second], a, b) => {
        const proof = consistencyProof(tiles, first, second);
        const forged: boolean[] = [
          verifyConsistency({ size: first, root: rootAt(other, first) }, stateAt(second), proof),
          verifyConsistency(stateAt(first), { size: second, root: rootAt(other, second) }, proof),
          verifyConsistency(stateAt(first), stateAt(second), [...proof, emptyRoot]),
          verifyConsistency(stateAt(second + 1), stateAt(first), proof),
        ];
        if (proof.length > 0) {
          const at = a % proof.length;
          const changed = proof.map((hash, i) => (i === at ? flipped(hash, b) : hash));
          forged.push(verifyConsistency(stateAt(first), stateAt(second), changed));
          forged.push(verifyConsistency(stateAt(first), stateAt(second), proof.toSpliced(at, 1)));
        }
        return forged.every((accepted) => !accepted);
      }),
      { numRuns: 500, seed: 4 },
    );
    expect(verifyConsistency({ size: 0, root: leafAt(0) }, stateAt(9), [])).toBe(false);
  });

  function stateAt(size: number): { size: number; root: Uint8Array } {
    return { size, root: rootAt(tiles, Math.min(size, total)) };
  }
});

function flipped(hash: Uint8Array, seed: number): Uint8Array {
  const changed = Uint8Array.from(hash);
  changed[seed % 32] = (changed[seed % 32] ?? 0) ^ (1 << ((seed >>> 5) % 8));
  return changed;
}

describe('hash tiles', () => {
  test('appending in pieces of any size gives the tiles and the root of appending at once', () => {
    const hashes = Array.from({ length: 66_000 }, (_, i) => leafHash(`entry ${i}`));
    const whole = new MemoryHashTiles();
    whole.append(hashes);
    const pieces = new MemoryHashTiles();
    for (let at = 0, step = 1; at < hashes.length; at += step, step = (step * 3) % 4099) {
      pieces.append(hashes.slice(at, at + step));
    }
    expect(pieces.size).toBe(66_000);
    for (const [level, index] of [
      [0, 0],
      [0, 257],
      [1, 0],
      [1, 1],
      [2, 0],
    ] as const) {
      expect(Buffer.from(pieces.tile(level, index) ?? [])).toEqual(Buffer.from(whole.tile(level, index) ?? []));
    }
    expect(whole.tile(2, 0)).toHaveLength(32);
    expect(rootAt(pieces, 66_000)).toEqual(rootAt(whole, 66_000));
    expect(hex(rootAt(whole, 66_000))).toBe(hex(Frontier.empty.append(hashes).root()));
    const proof = inclusionProof(whole, 65_999, 66_000);
    expect(verifyInclusion(leafHash('entry 65999'), 65_999, 66_000, proof, rootAt(whole, 66_000))).toBe(true);
  });

  test('only the tiles that change are named, with their whole content', () => {
    const tiles = new MemoryHashTiles();
    tiles.append(Array.from({ length: 255 }, () => leafHash('x')));
    const changed = appendToTiles(tiles, 255, [leafHash('x'), leafHash('y')]);
    expect(changed.map(({ level, index, hashes }) => [level, index, hashes.length / 32])).toEqual([
      [0, 0, 256],
      [0, 1, 1],
      [1, 0, 1],
    ]);
  });

  test('tiles that lag behind are a fault, not a wrong root', () => {
    const tiles = new MemoryHashTiles();
    tiles.append([leafHash('x')]);
    expect(() => rootAt(tiles, 2)).toThrow(expect.objectContaining({ code: 'not-reached' }));
    expect(() => appendToTiles(tiles, 5, [leafHash('y')])).toThrow(expect.objectContaining({ code: 'not-reached' }));
  });
});
