import { SearchFault } from '../search-fault.ts';

/** Says at which character (counted from 1 for people, from 0 in `facts.position`) what is wrong, and what to write instead. */
export function queryFault(position: number, problem: string, remedy: string): SearchFault {
  return new SearchFault('query-invalid', `query, character ${position + 1}: ${problem}`, {
    remedy,
    facts: { position },
  });
}
