import { newName, Turnstile } from '#kernel';
import type { MatterRecord, Recorder } from '#catalog';
import { MattersFault } from './matters-fault.ts';

export class Matters {
  readonly #recorder: Recorder;
  /** A name is checked and taken in one turn. */
  readonly #naming = new Turnstile();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** @throws MattersFault `matter-exists` */
  create(matter: { readonly name: string; readonly description: string }, actor: string): Promise<MatterRecord> {
    return this.#naming.pass(() => this.#create(matter, actor));
  }

  async #create(matter: { readonly name: string; readonly description: string }, actor: string): Promise<MatterRecord> {
    if (this.#recorder.catalog.matters.find(matter.name) !== undefined) {
      throw new MattersFault('matter-exists', `There is a matter "${matter.name}" already.`, {
        remedy: 'Choose another name, or use the matter that is there (`muniment matter list`).',
      });
    }
    const id = newName('matter');
    await this.#recorder.ledger.append([{ kind: 'matter-created', actor, matter: id, aside: matter }]);
    await this.#recorder.fold();
    return this.get(id);
  }

  list(): readonly MatterRecord[] {
    return this.#recorder.catalog.matters.all();
  }

  /** By id or unique name. @throws MattersFault `no-such-matter` */
  get(idOrName: string): MatterRecord {
    const found = this.#recorder.catalog.matters.find(idOrName);
    if (found !== undefined) return found;
    throw new MattersFault('no-such-matter', `There is no matter "${idOrName}".`, {
      remedy: 'List them with `muniment matter list`, or create it with `muniment matter create`.',
    });
  }
}
