export interface NodeDisk {
  readonly node: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** What an Elasticsearch says of itself. */
export interface ElasticsearchFacts {
  /** e.g. `9.4.3` */
  readonly version: string;
  /** green, yellow or red */
  readonly health: string;
  readonly dataNodes: number;
  readonly unassignedShards: number;
  readonly disks: readonly NodeDisk[];
  /** Names and values as they are in force, defaults included, flat: `action.destructive_requires_name`. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Asked anew at each call. Throws where the cluster does not answer. */
export type ReadElasticsearchFacts = () => Promise<ElasticsearchFacts>;
