import { MemorySpool } from '../../services/ingest/adapters/memory-spool.ts';
import { spoolContract } from './spool.ts';

spoolContract('MemorySpool', async (bytesMax) => await Promise.resolve(new MemorySpool({ bytesMax })));
