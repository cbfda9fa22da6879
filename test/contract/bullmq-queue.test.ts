import { newId } from '#kernel';
import { BullmqQueue } from '../../services/jobs/adapters/bullmq-queue.ts';
import { describeVariant } from '../describe-variant.ts';
import { sharedServer } from '../servers.ts';
import { jobQueueContract } from './job-queue.ts';

describeVariant('redis', 'BullmqQueue', () => {
  jobQueueContract('BullmqQueue', async (waitingMax) => {
    const { url } = await sharedServer('redis');
    return await BullmqQueue.open({ url, name: newId(), waitingMax });
  });
});
