import type { Route } from '../route.ts';
import { exportRoutes } from './exports.ts';
import { ledgerRoutes } from './ledger.ts';
import { matterRoutes } from './matters.ts';
import { messageRoutes } from './messages.ts';
import { savedSearchRoutes } from './saved-searches.ts';
import { searchRoutes } from './search.ts';

/** Everything below /api/v1. */
export const routes: readonly Route[] = [
  ...searchRoutes,
  ...messageRoutes,
  ...matterRoutes,
  ...savedSearchRoutes,
  ...exportRoutes,
  ...ledgerRoutes,
];
