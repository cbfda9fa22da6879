import { mkdir, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { corpusIn } from '../../../scripts/bench/corpus.ts';
import { onServers, placeArchive } from '../../placed-archive.ts';
import { TcpProxy } from '../../tcp-proxy.ts';

export interface CountedRequests {
  /** Distinct messages that were archived. */
  readonly messages: number;
  /** By method and what is asked of which part of the record. */
  readonly kinds: readonly (readonly [kind: string, count: number])[];
}

/** Imports the first files of a folder through a proxy that counts what is asked of S3; the bucket's making is left out. */
export async function countedRequests(folder: string, s3Url: string, files: number): Promise<CountedRequests> {
  await using proxy = await TcpProxy.to(Number(new URL(s3Url).port));
  const kinds = new Map<string, number>();
  const before = process.env['TEST_S3_URL'];
  process.env['TEST_S3_URL'] = `http://127.0.0.1:${proxy.port}`;
  try {
    await using placed = await placeArchive(onServers);
    const some = placed.program.path('some');
    await mkdir(some);
    const every = corpusIn(folder).files;
    const step = Math.max(1, Math.floor(every.length / files));
    for (let at = 0; at * step < every.length && at < files; at++)
      await copyFile(every[at * step] ?? '', join(some, `${at}.eml`));
    proxy.treat = (line) => {
      const kind = kindOf(line);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      return 'pass';
    };
    const { json } = await placed.program.ok('import', some, '--format', 'eml');
    return { messages: Number(json.at(-1)?.['captured']), kinds: [...kinds].toSorted(([, a], [, b]) => b - a) };
  } finally {
    process.env['TEST_S3_URL'] = before;
  }
}

function kindOf(requestLine: string): string {
  const [method = '', target = ''] = requestLine.split(' ');
  const url = new URL(target, 'http://s3');
  const part =
    /^\/record-[^/]*\/mail\/([a-z]+)/u.exec(url.pathname)?.[1] ??
    (url.pathname.includes('scratch') ? 'scratch' : 'bucket');
  const asked = [...url.searchParams.keys()].find((key) =>
    ['retention', 'legal-hold', 'versions', 'list-type'].includes(key),
  );
  return [method, part, ...(asked === undefined ? [] : [asked])].join(' ');
}
