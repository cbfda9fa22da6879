import { createRequire } from 'node:module';

interface Problem {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: object;
}

/** A kind of Kubernetes, with the schema that Kubernetes publishes for it compiled in. */
interface Kind {
  readonly prototype: { readonly validate: () => void };
}

/** What a manifest says that it is. */
export interface ManifestHead {
  readonly apiVersion: string;
  readonly kind: string;
}

const require = createRequire(import.meta.url);

/**
 * What the schema of Kubernetes has against a manifest, by path. Fields that it does not know count, as with
 * `kubectl apply --validate=strict`: the published schema lets them pass, so they are those that nobody looks at when
 * everything that is known is looked at.
 */
export function problemsOf(manifest: ManifestHead): readonly string[] {
  const seen = new Set<string>();
  const wrong = wrongIn(kindOf(manifest), watched(manifest, '', seen)).map(
    ({ instancePath, keyword, params }) => `${instancePath}: ${keyword} ${JSON.stringify(params)}`,
  );
  return [...wrong, ...unseen(manifest, '', seen)];
}

function wrongIn({ prototype }: Kind, manifest: object): readonly Problem[] {
  try {
    prototype.validate.call(manifest);
    return [];
  } catch (thrown) {
    if (thrown instanceof Error && 'errors' in thrown) return thrown.errors as readonly Problem[];
    throw thrown;
  }
}

function kindOf({ apiVersion, kind }: ManifestHead): Kind {
  const kinds = require(`kubernetes-models/${apiVersion}`) as Readonly<Record<string, Kind>>;
  const found = kinds[kind];
  if (found === undefined) throw new Error(`Kubernetes has no ${kind} in ${apiVersion}.`);
  return found;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function watched(value: object, path: string, seen: Set<string>): object {
  return new Proxy(value, {
    get(target, key) {
      const child: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol') return child;
      seen.add(`${path}/${key}`);
      return isObject(child) ? watched(child, `${path}/${key}`, seen) : child;
    },
  });
}

function unseen(value: unknown, path: string, seen: ReadonlySet<string>): readonly string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = `${path}/${key}`;
    return seen.has(here) ? unseen(child, here, seen) : [`${here}: unknown field`];
  });
}
