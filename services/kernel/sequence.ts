/** Position of an entry in the ledger, counted from 0. The sequence of its capture also names a message within one archive. */
export type Sequence = number & { readonly __brand: 'Sequence' };

export function asSequence(value: number): Sequence {
  return value as Sequence;
}
