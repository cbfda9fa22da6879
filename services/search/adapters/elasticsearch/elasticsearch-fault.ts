import { messageOf } from '#kernel';
import { errors } from '@elastic/elasticsearch';
import { SearchFault } from '../../search-fault.ts';

// What passes by itself: too many requests, a node or a shard that is away for a moment.
const PASSING = new Set([429, 502, 503, 504]);

/** Of what Elasticsearch answered; undefined where no answer came. */
export function statusOf(thrown: unknown): number | undefined {
  return thrown instanceof errors.ResponseError ? thrown.statusCode : undefined;
}

/**
 * Whether the same request may succeed a moment later. Every request of ours may be repeated, also one that took effect; what
 * took too long is tried once more, and not again and again.
 */
export function isPassing(thrown: unknown, attempt: number): boolean {
  if (thrown instanceof errors.ResponseError) return PASSING.has(thrown.statusCode ?? 0);
  if (thrown instanceof errors.TimeoutError) return attempt < 2;
  return thrown instanceof errors.ConnectionError || thrown instanceof errors.NoLivingConnectionsError;
}

/** What a person can do about it; anything that is no error of Elasticsearch is left as it is. */
export function asSearchFault(thrown: unknown): unknown {
  if (!(thrown instanceof errors.ElasticsearchClientError)) return thrown;
  const status = statusOf(thrown);
  if (status === 404) return lost(messageOf(thrown), thrown);
  return unavailable(
    `Elasticsearch refused or did not answer: ${firstLine(messageOf(thrown))}`,
    remedyFor(status),
    thrown,
  );
}

export function unavailable(message: string, remedy: string, cause?: unknown): SearchFault {
  return new SearchFault('index-unavailable', message, { remedy, cause });
}

/** An index that the state names is not there. */
export function lost(message: string, cause?: unknown): SearchFault {
  return new SearchFault('index-damaged', `part of the search index is not in Elasticsearch: ${firstLine(message)}`, {
    remedy: 'Rebuild the search index from the archive; nothing else is affected.',
    cause,
  });
}

export const AGAIN = 'Check that Elasticsearch runs, is reachable and has free disk, then try again.';

function remedyFor(status: number | undefined): string {
  if (status === 401 || status === 403) return 'Check the credentials of SEARCH_URL and what they may do.';
  if (status === 400) return 'Check the version of Elasticsearch; if it is right, report this message.';
  return AGAIN;
}

/** Errors of the client may carry a whole answer, one line for each shard. */
function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.slice(0, 500);
}
