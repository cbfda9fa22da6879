import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '#kernel';
import type { Probe } from '../probe.ts';
import { attackProbe } from './attack.ts';
import type { Canary } from './canary.ts';
import { bytesOf, type CanaryCage } from './canary-cage.ts';

const name = 'multipart-lock';

export function multipartLock(cage: CanaryCage): Probe {
  return attackProbe(cage, {
    name,
    tries: 'Delete a locked version that came in parts',
    must: 'refused',
    consequence:
      'Large messages lie unlocked and can be deleted. Move to a service that heeds the lock headers of an upload in parts.',
    plant: plantInParts,
    attack: async ({ key, versionId }) => cage.bucket.deleteVersion(key, versionId),
  });
}

async function plantInParts(cage: CanaryCage): Promise<Canary> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-doctor-'));
  try {
    const bytes = bytesOf(name);
    const file = join(folder, 'canary');
    await writeFile(file, bytes);
    const lock = await cage.lock();
    const content = { file, size: bytes.length, sha256: digestOf(bytes) };
    const key = cage.keyOf(name);
    const created = await cage.bucket.create(key, content, { lock });
    const versionId = created.outcome === 'created' ? created.versionId : (await cage.bucket.head(key)).versionId;
    return cage.canaryOf(key, versionId, { bytes, lock });
  } finally {
    await rm(folder, { recursive: true });
  }
}
