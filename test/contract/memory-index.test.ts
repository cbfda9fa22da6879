import { MemoryIndex } from '../../services/search/adapters/memory-index.ts';
import { describeSearchIndex } from './search-index.ts';

describeSearchIndex('MemoryIndex', async () => new MemoryIndex());
