/** True in `npm run test:soak`, where the long variants of the seeded tests run. */
export const soaking = process.env['MUNIMENT_SOAK'] === '1';

/** How many seeds (or rounds, or messages) to run: the short number in `npm test`, the long one in `npm run test:soak`. */
export function seeds(short: number, long: number): number {
  return soaking ? long : short;
}
