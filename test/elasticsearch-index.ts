import { randomBytes } from 'node:crypto';
import { ElasticsearchIndex, type ElasticsearchIndexOptions } from '../services/search/adapters/elasticsearch-index.ts';

/** A name that no other test uses. */
export function indexName(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

/** Everything that an index of this name has left on the server. */
export async function deleteIndices(url: string, name: string): Promise<void> {
  await fetch(`${url}/${name}-*`, { method: 'DELETE' });
  await fetch(`${url}/_index_template/${name}-*`, { method: 'DELETE' });
}

/** An index of its own, which is gone from the server once it is closed. */
export async function passingIndex(options: Omit<ElasticsearchIndexOptions, 'name'>): Promise<ElasticsearchIndex> {
  const name = indexName();
  const index = await ElasticsearchIndex.open({ ...options, name });
  const close = index[Symbol.asyncDispose].bind(index);
  index[Symbol.asyncDispose] = async () => {
    await close();
    await deleteIndices(options.url, name);
  };
  return index;
}
