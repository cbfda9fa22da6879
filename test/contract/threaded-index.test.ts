import { ThreadedIndex } from '../../services/search/adapters/threaded-index.ts';
import { describeSearchIndex } from './search-index.ts';

describeSearchIndex('ThreadedIndex', async () => ThreadedIndex.open(':memory:'));
