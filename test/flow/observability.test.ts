import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Deployment } from '../../services/app/deployment.ts';
import { metricsOf } from '../../services/app/processes/figures.ts';
import { selectorsOf } from '../promql.ts';
import { ServedApi } from '../served-api.ts';
import { documentsOf, textOf } from '../unit/infra/infra-files.ts';
import { ofKind } from '../unit/infra/manifests.ts';

const folder = 'infra/observability';
const duration = z.string().regex(/^\d+[smh]$/u);
const rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Muniment[A-Z]\w+$/u),
          expr: z.string(),
          for: duration.optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string() }),
        }),
      ),
    }),
  ),
});
const dashboard = z.looseObject({
  uid: z.string(),
  panels: z.array(
    z.looseObject({
      id: z.number(),
      title: z.string(),
      gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.looseObject({ refId: z.string(), expr: z.string() })),
    }),
  ),
});
const adapter = z.strictObject({
  externalRules: z.array(
    z.looseObject({ seriesQuery: z.string(), metricsQuery: z.string(), name: z.strictObject({ as: z.string() }) }),
  ),
});

const alerts = rules.parse(documentsOf(`${folder}/rules.yaml`)[0]).groups.flatMap((group) => group.rules);
const { panels } = dashboard.parse(JSON.parse(textOf(`${folder}/grafana-dashboard.json`)));
const external = adapter.parse(documentsOf(`${folder}/prometheus-adapter.yaml`)[0]).externalRules;

const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr, refId }) => [`${title} ${refId}`, expr] as const)),
  ...external.flatMap(({ metricsQuery, name, seriesQuery }) => [
    [`series of ${name.as}`, seriesQuery] as const,
    [name.as, metricsQuery.replace('<<.LabelMatchers>>', 'namespace="muniment"')] as const,
  ]),
];

/** What Prometheus itself adds, by scrape.yaml. */
const ofPrometheus = { metrics: ['up'], labels: ['job', 'role', 'instance', 'namespace'] };

/** Each figure that the program shows, with its labels and their values. */
type Shown = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

function shownIn(exposition: string): Shown {
  const shown = new Map<string, Map<string, Set<string>>>();
  for (const [, name = '', labels = ''] of exposition.matchAll(/^([a-z_]\w*)(?:\{([^\n]*)\})? \S+$/gmu)) {
    const known = shown.get(name) ?? new Map<string, Set<string>>();
    shown.set(name, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/gu)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return shown;
}

/** What an expression asks for that nobody shows. */
function unknownIn(expression: string, shown: Shown): readonly string[] {
  return selectorsOf(expression).flatMap(({ labels, metric }) => {
    const known = shown.get(metric);
    if (known === undefined) return ofPrometheus.metrics.includes(metric) ? [] : [metric];
    return labels.flatMap(({ name, value }) => {
      if (ofPrometheus.labels.includes(name) || known.get(name)?.has(value) === true) return [];
      return [`${metric}{${name}="${value}"}`];
    });
  });
}

describe('alerts, dashboard and autoscaling', () => {
  let api: ServedApi;
  let shown: Shown;

  beforeAll(async () => {
    api = await ServedApi.open();
    await api.call('/status');
    // Of a bucket there is one figure more than of a folder.
    const current = { lock: 'object-lock-governance', worm: 'sound' };
    const ofBucket = metricsOf({ ...api.deployment, storageStanding: { current } } as unknown as Deployment, true);
    shown = shownIn(`${await (await api.fetch('/metrics')).text()}\n${await ofBucket.registry.metrics()}`);
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  test.each(expressions)('%s asks only for what the program shows', (_name, expression) => {
    expect(unknownIn(expression, shown)).toEqual([]);
  });

  test('what nobody shows, and what is no PromQL, would be found', () => {
    const wrong = 'max(muniment_capture_jobs{state="lost"}) > rate(muniment_capture_total{role="x"}[5m])';
    expect(unknownIn(wrong, shown)).toEqual(['muniment_capture_jobs{state="lost"}', 'muniment_capture_total']);
    expect(() => selectorsOf('sum(rate(muniment_captures_total[5m])')).toThrow('no PromQL');
  });

  test('every figure that the README explains is there, and every one of ours is explained', () => {
    const rows = textOf(`${folder}/README.md`)
      .split('\n')
      .filter((row) => row.startsWith('| `muniment_'));
    const explained = rows.flatMap((row) => [...row.matchAll(/`(muniment_\w+)/gu)].map(([, name = '']) => name));
    const ours = [...shown.keys()].filter((name) => name.startsWith('muniment_'));
    const families = new Set(ours.map((name) => name.replace(/^(muniment_http_request_seconds)_\w+$/u, '$1')));
    expect(new Set(explained)).toEqual(families);
  });

  test('every alert says what to do', () => {
    const readme = textOf(`${folder}/README.md`);
    expect(alerts.filter(({ alert }) => !readme.includes(`\`${alert}\``))).toEqual([]);
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  test('the autoscaler asks for what the adapter gives', () => {
    const [autoscaler] = ofKind('HorizontalPodAutoscaler');
    const name = external.map((rule) => rule.name.as);
    expect(autoscaler).toMatchObject({ spec: { metrics: [{ external: { metric: { name: name[0] } } }] } });
    expect(name).toEqual(['muniment_capture_jobs_waiting']);
  });

  test('no panel lies over another', () => {
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
