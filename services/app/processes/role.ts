/** What a process does. One process may have all roles, or each of many one; a role may have any number of processes. */
export const roles = ['api', 'collector', 'worker', 'committer', 'scheduler'] as const;

export type Role = (typeof roles)[number];

export const everyRole: ReadonlySet<Role> = new Set(roles);
