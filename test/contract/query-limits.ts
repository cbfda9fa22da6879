import { expect, test } from '@jest/globals';
import { parseQuery, type SearchIndex } from '#search';
import { captured, documentOf, noFacts } from './search-document.ts';

const asked = ['please', 'pl?ase', '"pl?ase nothing"', 'please w/5 nothing', '*', 'custodian:ada', 'date:2001'];

/** Of every SearchIndex. */
export function testQueryLimits(name: string, open: () => Promise<SearchIndex>): void {
  test.each(asked)(`${name}: %s beyond its limits has no answer (invariants 28, 33)`, async (query) => {
    await using index = await open();
    await index.apply({ documents: [captured(1, documentOf({ body: 'please nothing' }))], removed: [], through: 2 });
    const request = { query: parseQuery(query), facts: noFacts, sort: 'relevance', limit: 10 } as const;
    const fault = expect.objectContaining({ code: 'query-too-costly' });
    await expect(index.count(request, { milliseconds: 0 })).rejects.toEqual(fault);
    await expect(index.search(request, { milliseconds: 0 })).rejects.toEqual(fault);
    const calledOff = { milliseconds: Infinity, signal: AbortSignal.abort(new Error('nobody waits')) };
    await expect(index.select(request, calledOff)).rejects.toThrow('nobody waits');
  });
}
