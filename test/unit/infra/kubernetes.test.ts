import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../../services/app/config.ts';
import { roles } from '../../../services/app/processes/role.ts';
import { composeServices, knownVariables, ourImage, textOf, variablesOfOthers } from './infra-files.ts';
import { problemsOf } from './kubernetes-schema.ts';
import {
  dataOf,
  deployments,
  environmentOf,
  listedFiles,
  manifests,
  ofKind,
  partsOfOthers,
  roleOf,
  selectorsIn,
} from './manifests.ts';

const all = manifests();
const ours = deployments();
const services = Object.values(composeServices()).filter(({ image }) => image === ourImage);
const secretValues: Readonly<Record<string, string>> = {
  SEARCH_URL: 'https://muniment:secret@search:9200/muniment',
  QUEUE_URL: 'rediss://muniment:secret@queue:6379/0',
};
const environment = (deployment: (typeof ours)[number]) =>
  environmentOf(deployment, (variable) => secretValues[variable] ?? 'secret');

function inCompose(role: string) {
  const found = services.find(({ command }) => command.join(' ') === `serve --role ${role}`);
  if (found === undefined) throw new Error(`docker-compose.yml has no ${role}`);
  return found;
}

describe('the manifests', () => {
  test.each(all)('$title is what Kubernetes knows', ({ manifest }) => {
    expect(problemsOf(manifest)).toEqual([]);
  });

  test('what Kubernetes does not know, or takes in another form, would be found', () => {
    const [worker] = ours;
    const broken = structuredClone(worker) as unknown as { apiVersion: string; kind: string; spec: object };
    Object.assign(broken.spec, { replicas: '2', minReadySecond: 5 });
    expect(problemsOf(broken)).toEqual([
      expect.stringContaining('/spec/replicas: type'),
      '/spec/minReadySecond: unknown field',
    ]);
    expect(problemsOf({ ...broken, spec: {} } as never)).toContainEqual(expect.stringContaining('required'));
  });

  test('are all applied, but the example of the secrets', () => {
    const files = new Set(all.map(({ file }) => file.split('/').at(-1)));
    expect(new Set([...listedFiles(), 'secret.example.yaml'])).toEqual(files);
    for (const { manifest, title } of all) {
      if (title !== 'Namespace muniment') expect(manifest.metadata.namespace).toBe('muniment');
    }
  });

  test('whoever is selected is there', () => {
    const labels = ours.map(({ spec }) => spec.template.metadata.labels);
    const selectors = all.flatMap(({ manifest }) => selectorsIn(manifest));
    expect(selectors.length).toBeGreaterThan(8);
    for (const selector of selectors) {
      const wanted = Object.entries(selector);
      expect(labels.some((one) => wanted.every(([name, value]) => one[name] === value))).toBe(true);
    }
    const names = ours.map(({ metadata }) => metadata.name);
    for (const { spec } of ofKind('HorizontalPodAutoscaler')) {
      expect(names).toContain((spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name);
    }
  });

  test('no secret has a value', () => {
    const secrets = ofKind('Secret');
    expect(secrets.length).toBeGreaterThan(1);
    for (const { metadata } of secrets)
      expect(new Set(Object.values(dataOf('Secret', metadata.name)))).toEqual(new Set(['']));
  });
});

describe('the deployments', () => {
  test('are one for each role, with a standby for the committer and no number where an autoscaler has it', () => {
    expect(ours.map(roleOf).sort()).toEqual(roles.toSorted());
    const replicas = Object.fromEntries(ours.map((one) => [roleOf(one), one.spec.replicas]));
    expect(replicas).toEqual({ api: 2, collector: 2, worker: undefined, committer: 2, scheduler: 1 });
    expect(ofKind('HorizontalPodAutoscaler')).toMatchObject([{ spec: { minReplicas: 2 } }]);
  });

  test.each(ours)('$metadata.name has the command and the limits of its role in docker-compose.yml', (deployment) => {
    const [{ args, image, resources }] = deployment.spec.template.spec.containers;
    const { command, deploy } = inCompose(roleOf(deployment));
    expect(args).toEqual(command);
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    expect(image).toBe(`muniment:${version}`);
    const { cpus, memory } = deploy.resources.limits;
    expect(resources.limits).toEqual({ cpu: cpus, memory: memory.replace('m', 'Mi').replace('g', 'Gi') });
  });

  test.each(ours)('$metadata.name has the environment of its role, which the program takes', (deployment) => {
    const given = environment(deployment);
    const read = (name: string) => knownVariables().has(name) || variablesOfOthers.has(name);
    const parts = partsOfOthers(deployment);
    expect(Object.keys(given).filter((name) => !read(name) && !parts.has(name))).toEqual([]);
    const expected = Object.keys(inCompose(roleOf(deployment)).environment);
    expect(
      Object.keys(given)
        .filter((name) => !parts.has(name))
        .sort(),
    ).toEqual(expected.sort());
    const config = readConfig(given);
    expect(config).toMatchObject({
      archive: { kind: 's3', endpoint: undefined },
      queue: { kind: 'redis' },
      search: { kind: 'elasticsearch' },
      listen: { host: '0.0.0.0', port: 8640 },
    });
    if (roleOf(deployment) === 'committer') {
      expect(config.committer).toEqual({ host: '0.0.0.0', port: 8641, announced: 'http://10.1.2.3:8641' });
    }
  });

  test.each(ours)('$metadata.name runs without rights, on a file system it cannot change', ({ spec }) => {
    const { containers, securityContext } = spec.template.spec;
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec.template.spec).toMatchObject({ automountServiceAccountToken: false });
  });

  test.each(ours)('$metadata.name has a state of its own, and the secrets of all', ({ spec }) => {
    const { containers, volumes } = spec.template.spec;
    const mounted = Object.fromEntries(containers[0].volumeMounts.map(({ name, mountPath }) => [mountPath, name]));
    const volume = (path: string) => volumes.find(({ name }) => name === mounted[path]);
    expect(volume('/var/lib/muniment/state')).toHaveProperty('emptyDir');
    expect(volume('/tmp')).toHaveProperty('emptyDir');
    expect(volume('/var/lib/muniment/secrets')).toMatchObject({
      persistentVolumeClaim: { claimName: 'muniment-secrets' },
    });
  });
});

describe('the network policies', () => {
  const policies = ofKind('NetworkPolicy').map(({ metadata, spec }) => ({
    name: metadata.name,
    text: JSON.stringify(spec),
  }));
  const withPort = (port: number) =>
    policies.flatMap(({ name, text }) => (text.includes(`"port":${port}}`) ? [name] : []));

  test('forbid what is not said', () => {
    expect(ofKind('NetworkPolicy')[0]?.['spec']).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  test('let mail servers be reached by the collector alone, and committers by their port', () => {
    expect(withPort(993)).toEqual(['mail']);
    expect(policies.find(({ name }) => name === 'mail')?.text).toContain('component":"collector"');
    expect(withPort(8641)).toEqual(['servers', 'hand-over']);
    expect(withPort(8640)).toEqual(['api', 'metrics']);
  });
});
