import type { ElasticsearchFacts, NodeDisk } from './elasticsearch-facts.ts';

const prefix = 'cluster.routing.allocation.disk.watermark';

/** What Elasticsearch does on a node that is fuller: no new shards; shards moved away; indices read-only. */
export const watermarks = ['low', 'high', 'flood_stage'] as const;
export type Watermark = (typeof watermarks)[number];

/** The highest watermark that a node is above; undefined: none. */
export function watermarkReached(disk: NodeDisk, settings: ElasticsearchFacts['settings']): Watermark | undefined {
  if (settings.get('cluster.routing.allocation.disk.threshold_enabled') === 'false') return undefined;
  return watermarks.findLast((watermark) => disk.freeBytes < freeBytesNeeded(disk, watermark, settings));
}

/** A watermark is a share of the disk that may be used, which stops counting above a room; or a room that must be free. */
function freeBytesNeeded(disk: NodeDisk, watermark: Watermark, settings: ElasticsearchFacts['settings']): number {
  const text = settings.get(`${prefix}.${watermark}`) ?? '';
  const share = shareOf(text);
  if (share === undefined) return bytesOf(text) ?? 0;
  const headroom = bytesOf(settings.get(`${prefix}.${watermark}.max_headroom`) ?? '') ?? Number.POSITIVE_INFINITY;
  return Math.min(disk.totalBytes * (1 - share), headroom);
}

/** `85%` or `0.85` */
function shareOf(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?%$/u.test(text)) return Number.parseFloat(text) / 100;
  return /^[01]?\.\d+$|^[01]$/u.test(text) ? Number(text) : undefined;
}

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
  tb: 2 ** 40,
  pb: 2 ** 50,
};

/** `200gb`; undefined for -1, which is no limit. */
function bytesOf(text: string): number | undefined {
  const { number = '', unit = '' } = /^(?<number>\d+(?:\.\d+)?)(?<unit>[kmgtp]?b)$/iu.exec(text)?.groups ?? {};
  const factor = units[unit.toLowerCase()];
  return factor === undefined ? undefined : Number(number) * factor;
}
