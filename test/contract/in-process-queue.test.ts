import { InProcessQueue } from '../../services/jobs/adapters/in-process-queue.ts';
import { jobQueueContract } from './job-queue.ts';

jobQueueContract('InProcessQueue', async (waitingMax) => await Promise.resolve(new InProcessQueue({ waitingMax })));
