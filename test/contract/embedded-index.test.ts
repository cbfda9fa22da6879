import { EmbeddedIndex } from '../../services/search/adapters/embedded-index.ts';
import { describeSearchIndex } from './search-index.ts';

describeSearchIndex('EmbeddedIndex', async () => EmbeddedIndex.open(':memory:'));
