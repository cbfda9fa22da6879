import { z } from 'zod';
import { actor, entryKind, opaqueId } from './entry-kind.ts';

export const matterCreated = entryKind(
  'matter-created',
  { actor, matter: opaqueId },
  { name: z.string(), description: z.string() },
);
