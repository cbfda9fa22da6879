import { analyzerVersion } from '../../analyzer.ts';
import { SearchFault } from '../../search-fault.ts';

/** Of mapping and state (README, Format); another number means that the index is written anew. */
const FORMAT = 3;

const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/u;
const NAME_LENGTH_MAX = 100;

/** Changes whenever documents would be indexed otherwise; part of every name. */
export const indexVersion = `v${FORMAT * 1000 + analyzerVersion}`;

/** The names of one archive's index family. */
export class IndexNames {
  /** For other tools: an alias of all indices of the live generation. */
  readonly alias: string;
  readonly state: string;
  readonly template: string;

  /** @throws SearchFault `index-unavailable` for a name that Elasticsearch would refuse, or that could be taken for another's */
  constructor(name: string) {
    if (!NAME.test(name) || name.length > NAME_LENGTH_MAX || /-(?:state$|v\d+)/u.test(name)) {
      throw new SearchFault('index-unavailable', `"${name}" is no name for a search index`, {
        remedy: 'Use lower-case letters and digits, with single - or _ between them, and at most 100 of them.',
      });
    }
    this.alias = name;
    this.state = `${name}-state`;
    this.template = `${name}-${indexVersion}`;
  }

  /** What every index of the current version is called. */
  get templatePattern(): string {
    return `${this.template}-g*`;
  }

  /** The first generation's name is `v1002-g1`. */
  generation(number: number): string {
    return `${indexVersion}-g${number}`;
  }

  /** The index of one span of sequences. */
  span(generation: string, span: number): string {
    return `${this.alias}-${generation}-${String(span).padStart(6, '0')}`;
  }

  /** All spans of a generation. */
  spans(generation: string): string {
    return `${this.alias}-${generation}-*`;
  }

  /** All indices of messages of this archive, whatever their version and generation. */
  get everyGeneration(): string {
    return `${this.alias}-v*-g*-*`;
  }

  /** Which generation an index of `everyGeneration` belongs to; undefined for an index of somebody else. */
  generationOf(index: string): string | undefined {
    if (!index.startsWith(`${this.alias}-`)) return undefined;
    return /^(v\d+-g\d+)-\d{6,}$/u.exec(index.slice(this.alias.length + 1))?.[1];
  }
}
