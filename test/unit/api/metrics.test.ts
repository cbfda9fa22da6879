import { describe, expect, test } from '@jest/globals';
import { Metrics } from '#api';
import { AskedServer } from '../../../services/api/asked-server.ts';

const figures = [
  { name: 'depth', help: 'd', label: 'state', of: (counts: { waiting: number }) => ({ waiting: counts.waiting }) },
  { name: 'total', help: 't', of: (counts: { waiting: number }) => counts.waiting },
];

async function linesOf(metrics: Metrics, ...names: readonly string[]): Promise<string[]> {
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => names.some((name) => line.startsWith(name)));
}

describe('figures that a server is asked for', () => {
  test('are asked once for all of a scrape', async () => {
    let asked = 0;
    const metrics = new Metrics();
    metrics.askedFor('queue', () => Promise.resolve({ waiting: (asked += 1) }), figures);
    expect(await linesOf(metrics, 'depth', 'total')).toEqual(['depth{state="waiting"} 1', 'total 1']);
    expect(asked).toBe(1);
    expect(await linesOf(metrics, 'total')).toEqual(['total 2']);
  });

  test('are left out while it fails, which does not keep the rest from being shown', async () => {
    let isAway = false;
    const ask = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve({ waiting: 7 }));
    const metrics = new Metrics();
    metrics.askedFor('queue', ask, figures);
    metrics.askedFor('index', () => Promise.resolve(3), [{ name: 'lag', help: 'l', of: (lag) => lag }]);
    const names = ['depth', 'total', 'lag', 'muniment_server_reachable'];
    const queue = (reachable: number) => `muniment_server_reachable{server="queue"} ${reachable}`;
    const index = ['lag 3', 'muniment_server_reachable{server="index"} 1'];
    expect(new Set(await linesOf(metrics, ...names))).toEqual(
      new Set(['depth{state="waiting"} 7', 'total 7', queue(1), ...index]),
    );
    isAway = true;
    expect(new Set(await linesOf(metrics, ...names))).toEqual(new Set([queue(0), ...index]));
    isAway = false;
    expect(await linesOf(metrics, 'total')).toEqual(['total 7']);
  });

  test('one that does not answer is not waited for, nor asked again meanwhile', async () => {
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<number>();
    const ask = () => {
      asked += 1;
      return promise;
    };
    const server = new AskedServer(ask, 10);
    expect([await server.answer(), await server.answer(), asked]).toEqual([undefined, undefined, 1]);
    resolve(5);
    expect(await server.answer()).toBe(5);
  });

  test('counts of somebody else are shown as they are', async () => {
    const counts = { captured: 2, failed: 0 };
    const metrics = new Metrics();
    metrics.counter('ends_total', 'e', 'outcome', () => counts);
    await metrics.registry.metrics();
    counts.captured = 3;
    expect(await linesOf(metrics, 'ends_total')).toEqual([
      'ends_total{outcome="captured"} 3',
      'ends_total{outcome="failed"} 0',
    ]);
  });
});
