import type { ElasticsearchFacts, ReadElasticsearchFacts } from './elasticsearch/elasticsearch-facts.ts';
import { watermarkReached } from './elasticsearch/disk-watermark.ts';
import { about, failed, type ListedProbe, noted, type Observation, passed, type Severity } from './probe.ts';
import { isAtLeast } from './version-text.ts';

const oldest = '9.0.0';
const firstUnknown = '10.0.0';

interface Judgement {
  readonly name: string;
  readonly tries: string;
  readonly severity: Severity;
  readonly consequence: string;
  readonly judge: (facts: ElasticsearchFacts) => Observation;
}

const judgements: readonly Judgement[] = [
  {
    name: 'elasticsearch-version',
    tries: 'Ask Elasticsearch for its version, which must be 9',
    severity: 'fault',
    consequence: 'Searches may fail or answer otherwise. Use Elasticsearch 9.',
    judge: ({ version }) =>
      isAtLeast(version, oldest) && !isAtLeast(version, firstUnknown) ? passed(version) : failed(version),
  },
  {
    name: 'elasticsearch-health',
    tries: 'Ask for the health of the cluster',
    severity: 'fault',
    consequence:
      'Parts of an index are away: searches say that they are incomplete. Bring the nodes back, or run `muniment rebuild`.',
    judge: health,
  },
  {
    name: 'elasticsearch-copies',
    tries: 'Count the nodes that hold data',
    severity: 'fault',
    consequence: 'No node holds data. Start one.',
    judge: copies,
  },
  {
    name: 'elasticsearch-disks',
    tries: "Compare the disks of the nodes with the cluster's watermarks",
    severity: 'fault',
    consequence:
      'Above the flood stage indices become read-only, and indexing stops; archiving goes on. Give the nodes more room.',
    judge: disks,
  },
  {
    name: 'elasticsearch-destruction',
    tries: 'Ask whether indices can be deleted by a wildcard',
    severity: 'fault',
    consequence: '',
    judge: destruction,
  },
];

/** What must be so of a cluster that is to be searched. Nothing in it is the record: all of it can be built anew. */
export function elasticsearchProbes(read: ReadElasticsearchFacts): readonly ListedProbe[] {
  return about(
    'search',
    judgements.map(({ judge, ...probe }) => ({ ...probe, run: async () => judge(await read()) })),
  );
}

function health({ health: color, unassignedShards }: ElasticsearchFacts): Observation {
  const told = `${color}, ${unassignedShards} shards without a place`;
  if (color === 'green') return passed(told);
  if (color === 'yellow')
    return noted(told, 'Every message can be found, and some copies are missing: add nodes or wait.');
  return failed(told);
}

function copies({ dataNodes }: ElasticsearchFacts): Observation {
  if (dataNodes === 0) return failed('none');
  if (dataNodes > 1) return passed(`${dataNodes}: each index can have a copy`);
  return noted(
    'one: there are no copies',
    'When it is lost nothing can be searched until `muniment rebuild` has run. The record is not touched.',
  );
}

function disks({ disks: all, settings }: ElasticsearchFacts): Observation {
  const reached = all.map((disk) => ({ node: disk.node, watermark: watermarkReached(disk, settings) }));
  const above = reached.flatMap(({ node, watermark }) =>
    watermark === undefined ? [] : [`${node}: above ${watermark}`],
  );
  if (above.length === 0) return passed(`${all.length} below all watermarks`);
  if (reached.some(({ watermark }) => watermark === 'flood_stage')) return failed(above.join(', '));
  return noted(
    above.join(', '),
    'New indices and copies may find no place: give the nodes more room before they flood.',
  );
}

function destruction({ settings }: ElasticsearchFacts): Observation {
  if (settings.get('action.destructive_requires_name') !== 'false') return passed('only by their names');
  return noted(
    'any wildcard deletes them',
    'One wrong command takes the whole index away. Set action.destructive_requires_name to true.',
  );
}
