import { z } from 'zod';

/** What a saved search is called: no longer than the name of a matter, and not told apart by blanks around it. */
export const savedSearchName = z.string().trim().min(1).max(200);
