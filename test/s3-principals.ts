import { readFileSync } from 'node:fs';

const folder = new URL('../infra/s3/', import.meta.url);

/** Who is given which policies: the table of infra/s3/README.md. */
export function principals(): ReadonlyMap<string, readonly string[]> {
  const rows = readFileSync(new URL('README.md', folder), 'utf8').split('\n');
  const [from] = rows.flatMap((row, index) => (/^\| who +\|/u.test(row) ? [index + 2] : []));
  const table = rows.slice(from);
  const to = table.findIndex((row) => !row.startsWith('|'));
  return new Map(
    table.slice(0, to).map((row) => {
      const [, who = '', , policies = ''] = row.split('|');
      return [namesIn(who)[0] ?? '', namesIn(policies)];
    }),
  );
}

export function policyText(name: string): string {
  return readFileSync(new URL(`policies/${name}.json`, folder), 'utf8');
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([a-z]+)`/gu)].map(([, name = '']) => name);
}
