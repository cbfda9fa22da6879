import { expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { type Deployment, openDeployment, readConfig } from '#app';
import { logOf } from '../../services/app/processes/all-in-one.ts';
import { startScheduler } from '../../services/app/processes/scheduler.ts';
import { putOf } from '../contract/blob-puts.ts';
import { describeProfile, onServers, placeArchive, useCredentials } from '../profiles.ts';
import { letter } from '../whole-archive.ts';

const anHourMs = 3_600_000;

/** As a worker leaves it that dies between storing and recording, when no source shows the message again. */
async function leaveStored({ archive }: Deployment, number: number): Promise<void> {
  const put = putOf(letter(number), { storedAt: Date.now() - anHourMs });
  await archive.putAll([put]);
}

async function messagesReach({ recorder, catalog }: Deployment, count: number): Promise<void> {
  while (catalog.messages.totals().messages < count) {
    await setTimeout(20);
    await recorder.fold();
  }
}

describeProfile(onServers, () => {
  test('the scheduler records what dead workers stored, at its start and for as long as it runs', async () => {
    await using placed = await placeArchive(onServers);
    useCredentials(placed.env);
    const config = readConfig(placed.env, placed.url);
    await using deployment = await openDeployment(config, { create: true, captures: false });
    await leaveStored(deployment, 1);
    const times = { recoverAgainAfterMs: 100, recoverEveryMs: 100 };
    await using _scheduler = startScheduler(deployment, logOf(config), times);
    await messagesReach(deployment, 1);
    await leaveStored(deployment, 2);
    await messagesReach(deployment, 2);
    expect(deployment.catalog.messages.totals().messages).toBe(2);
  });
});
