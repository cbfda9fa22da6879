import { newName, Turnstile } from '#kernel';
import type { MatterRecord, Recorder, SavedSearchRecord } from '#catalog';
import { parseQuery, TimeZone, withAbsoluteDates } from '#search';
import { MattersFault } from './matters-fault.ts';
import type { Matters } from './matters.ts';

export interface SavingOrder {
  /** Id or name. */
  readonly matter: string;
  /** As `savedSearchName` has it. */
  readonly name: string;
  readonly query: string;
  /** Takes the place of what the matter keeps under that name. */
  readonly replace: boolean;
}

/**
 * Queries that a matter keeps under names. Each saving and discarding is an entry, so that the ledger knows what was asked under
 * a name at any time. Another process may have changed them: all is folded before anything is said of them.
 */
export class SavedSearches {
  readonly #recorder: Recorder;
  readonly #matters: Matters;
  readonly #timeZone: TimeZone;
  /** A name is checked and taken in one turn. */
  readonly #naming = new Turnstile();

  /** @param timeZone of dates that name none */
  constructor(recorder: Recorder, matters: Matters, timeZone = TimeZone.utc) {
    this.#timeZone = timeZone;
    this.#recorder = recorder;
    this.#matters = matters;
  }

  /** @throws MattersFault `no-such-matter`, `saved-search-exists`; SearchFault `query-invalid` */
  save(order: SavingOrder, actor: string): Promise<SavedSearchRecord> {
    return this.#naming.pass(() => this.#save(order, actor));
  }

  async #save(order: SavingOrder, actor: string): Promise<SavedSearchRecord> {
    const matter = await this.#matter(order.matter);
    const query = withAbsoluteDates(order.query, this.#timeZone);
    parseQuery(query);
    const { name, replace } = order;
    const there = this.#named(matter, name);
    if (there !== undefined && !replace) throw existsAlready(matter, name);
    const saved = there?.id ?? newName('saved');
    const aside = { name, query };
    await this.#recorder.ledger.append([{ kind: 'search-saved', actor, matter: matter.id, saved, aside }]);
    await this.#recorder.fold();
    const kept = this.#named(matter, name);
    if (kept?.id === saved) return kept;
    // Another process was faster: it took the name, or discarded what was replaced.
    throw kept === undefined ? noSuchSearch(matter, name) : existsAlready(matter, name);
  }

  /** Those of a matter, by name. @throws MattersFault `no-such-matter` */
  async list(idOrName: string): Promise<readonly SavedSearchRecord[]> {
    const matter = await this.#matter(idOrName);
    return this.#recorder.catalog.savedSearches.ofMatter(matter.id);
  }

  /** By its name in the matter, or its id. @throws MattersFault `no-such-matter`, `no-such-saved-search` */
  async get(idOrName: string, name: string): Promise<SavedSearchRecord> {
    return this.#get(await this.#matter(idOrName), name);
  }

  /** Gives what was discarded. @throws MattersFault `no-such-matter`, `no-such-saved-search` */
  discard(idOrName: string, name: string, actor: string): Promise<SavedSearchRecord> {
    return this.#naming.pass(async () => {
      const matter = await this.#matter(idOrName);
      const discarded = this.#get(matter, name);
      const { id: saved } = discarded;
      await this.#recorder.ledger.append([{ kind: 'search-discarded', actor, matter: matter.id, saved, aside: {} }]);
      await this.#recorder.fold();
      return discarded;
    });
  }

  async #matter(idOrName: string): Promise<MatterRecord> {
    await this.#recorder.fold();
    return this.#matters.get(idOrName);
  }

  /** Under exactly this name. */
  #named({ id }: MatterRecord, name: string): SavedSearchRecord | undefined {
    return this.#recorder.catalog.savedSearches.ofMatter(id).find((one) => one.name === name);
  }

  #get(matter: MatterRecord, name: string): SavedSearchRecord {
    const found = this.#recorder.catalog.savedSearches.find(matter.id, name);
    if (found !== undefined) return found;
    throw noSuchSearch(matter, name);
  }
}

function existsAlready(matter: MatterRecord, name: string): MattersFault {
  return new MattersFault('saved-search-exists', `The matter "${matter.name}" has a saved search "${name}" already.`, {
    remedy: 'Choose another name, or have it replaced (`--replace`, over HTTP `"replace": true`).',
  });
}

function noSuchSearch(matter: MatterRecord, name: string): MattersFault {
  return new MattersFault('no-such-saved-search', `The matter "${matter.name}" has no saved search "${name}".`, {
    remedy: `List those it has with \`muniment saved list ${JSON.stringify(matter.name)}\`.`,
  });
}
