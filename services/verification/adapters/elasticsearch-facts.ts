import { Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { ElasticsearchFacts } from '../doctor/elasticsearch/elasticsearch-facts.ts';

export interface ElasticsearchFactsOptions {
  /** `http(s)://host:port` of one node or a load balancer. */
  readonly url: string;
  readonly auth?: { readonly apiKey: string } | { readonly username: string; readonly password: string } | undefined;
  /** Certificate authority, PEM. */
  readonly ca?: string | undefined;
}

const requestTimeoutMs = 10_000;

// What is needed of the answers: their types say more, and nothing of settings.
const flat = z.record(z.string(), z.unknown());
const settingsAnswer = z.object({ persistent: flat, transient: flat, defaults: flat.optional() });

/** Needs the privilege `monitor` on the cluster. */
export async function readElasticsearchFacts(options: ElasticsearchFactsOptions): Promise<ElasticsearchFacts> {
  const client = new Client(clientOptions(options));
  try {
    const [info, health, stats, settings] = await Promise.all([
      client.info(),
      client.cluster.health({ timeout: '5s' }),
      client.nodes.stats({ metric: 'fs' }),
      client.cluster.getSettings({ include_defaults: true, flat_settings: true }),
    ]);
    return {
      version: info.version.number,
      health: health.status.toLowerCase(),
      dataNodes: health.number_of_data_nodes,
      unassignedShards: health.unassigned_shards,
      disks: Object.entries(stats.nodes).map(([id, { name = id, fs }]) => ({
        node: name,
        totalBytes: fs?.total?.total_in_bytes ?? 0,
        freeBytes: fs?.total?.available_in_bytes ?? 0,
      })),
      settings: inForce(settingsAnswer.parse(settings)),
    };
  } finally {
    await client.close();
  }
}

/** What is set for now wins over what is set for good, and both over what the cluster comes with. */
function inForce({ defaults = {}, persistent, transient }: z.infer<typeof settingsAnswer>): Map<string, string> {
  return new Map(
    Object.entries({ ...defaults, ...persistent, ...transient }).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}

function clientOptions({ url, auth, ca }: ElasticsearchFactsOptions): ConstructorParameters<typeof Client>[0] {
  return {
    node: url,
    requestTimeout: requestTimeoutMs,
    maxRetries: 1,
    ...(auth !== undefined && { auth }),
    ...(ca !== undefined && { tls: { ca } }),
  };
}
