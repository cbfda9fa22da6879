import { z } from 'zod';
import { documentsOf, filesIn } from './infra-files.ts';

const folder = 'infra/kubernetes';
/** Lists the others, and is none of Kubernetes's own kinds. */
const kustomization = `${folder}/kustomization.yaml`;

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

export type Manifest = z.infer<typeof manifest>;

export interface PlacedManifest {
  readonly file: string;
  readonly title: string;
  readonly manifest: Manifest;
}

export function manifests(): readonly PlacedManifest[] {
  const files = filesIn(folder, '.yaml').filter((file) => file !== kustomization);
  return files.flatMap((file) =>
    documentsOf(file).map((document) => {
      const read = manifest.parse(document);
      return { file, title: `${read.kind} ${read.metadata.name}`, manifest: read };
    }),
  );
}

export function listedFiles(): readonly string[] {
  const [list] = documentsOf(kustomization);
  return z.looseObject({ resources: z.array(z.string()) }).parse(list).resources;
}

const labels = z.record(z.string(), z.string());
const source = z.looseObject({ name: z.string() });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.union([z.strictObject({ configMapRef: source }), z.strictObject({ secretRef: source })])),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  resources: z.looseObject({ limits: z.object({ cpu: z.string(), memory: z.string() }) }),
  securityContext: z.looseObject({}),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const deployment = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.looseObject({
      metadata: z.looseObject({ labels }),
      spec: z.looseObject({
        containers: z.tuple([container]),
        securityContext: z.looseObject({}),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});

export type Deployment = z.infer<typeof deployment>;

export function deployments(): readonly Deployment[] {
  return ofKind('Deployment').map((one) => deployment.parse(one));
}

export function ofKind(kind: string): readonly Manifest[] {
  return manifests().flatMap((one) => (one.manifest.kind === kind ? [one.manifest] : []));
}

export function roleOf({ spec }: Deployment): string {
  return spec.template.spec.containers[0].args[2] ?? '';
}

/** The environment of a deployment's process; secrets have the values that `secretValue` gives, or none. */
export function environmentOf(
  { spec }: Deployment,
  secretValue: (variable: string) => string,
): Readonly<Record<string, string>> {
  const [{ env, envFrom }] = spec.template.spec.containers;
  const collected: Record<string, string> = {};
  for (const from of envFrom) {
    if ('configMapRef' in from) Object.assign(collected, dataOf('ConfigMap', from.configMapRef.name));
    else for (const name of Object.keys(dataOf('Secret', from.secretRef.name))) collected[name] = secretValue(name);
  }
  for (const { name, value } of env) {
    // What stands in no manifest is known to the cluster alone.
    collected[name] = (value ?? '10.1.2.3').replaceAll(/\$\((\w+)\)/gu, (_, of: string) => collected[of] ?? '');
  }
  return collected;
}

/** Those that other variables of the container are made of. */
export function partsOfOthers({ spec }: Deployment): ReadonlySet<string> {
  const [{ env }] = spec.template.spec.containers;
  return new Set(env.flatMap(({ value = '' }) => [...value.matchAll(/\$\((\w+)\)/gu)].map(([, name = '']) => name)));
}

export function dataOf(kind: 'ConfigMap' | 'Secret', name: string): Readonly<Record<string, string>> {
  const found = ofKind(kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return labels.parse(found[kind === 'ConfigMap' ? 'data' : 'stringData']);
}

/** Labels that something selects pods by, wherever it stands in a manifest. */
export function selectorsIn(value: unknown): readonly Readonly<Record<string, string>>[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const found = key === 'podSelector' || key === 'selector' ? labelsOf(child) : undefined;
    return found === undefined ? selectorsIn(child) : [found];
  });
}

function labelsOf(selector: unknown): Readonly<Record<string, string>> | undefined {
  const read = z.union([z.strictObject({ matchLabels: labels }), labels]).safeParse(selector);
  if (!read.success) return undefined;
  return 'matchLabels' in read.data && typeof read.data.matchLabels === 'object'
    ? read.data.matchLabels
    : (read.data as Readonly<Record<string, string>>);
}
