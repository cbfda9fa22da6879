import { describeVariant } from '../describe-variant.ts';
import { passingIndex } from '../elasticsearch-index.ts';
import { sharedServer } from '../servers.ts';
import { describeSearchIndex } from './search-index.ts';

describeVariant('elasticsearch', 'on Elasticsearch', () => {
  describeSearchIndex('ElasticsearchIndex', async () => passingIndex(await sharedServer('elasticsearch')));

  // Every bound as low as it goes: an index for each two sequences, a request for each document, facts combined here.
  describeSearchIndex('ElasticsearchIndex in small pieces', async () =>
    passingIndex({
      ...(await sharedServer('elasticsearch')),
      sequencesPerIndex: 2000,
      shards: 2,
      bulkBytesMax: 1,
      inlineSequencesMax: 0,
    }),
  );
});
