/** A property of anything that was thrown or answered, also one that is not enumerable; undefined where it has none. */
export function ownProperty(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}
