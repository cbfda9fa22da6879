import type { Catalog, HoldRecord } from '#catalog';
import { type Ast, evaluate, type MessageFacts, parseQuery, type SearchDocument } from '#search';
import { type Unjudged, unjudgedBy, widest } from './unjudged.ts';

/** Says which active holds match a message, by its content and what is known of it. */
export class HoldJudge {
  readonly #catalog: Catalog;
  readonly #queries = new Map<string, Ast>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** Whether there is anything to judge by at all: without holds a message need not be read for it. */
  get idle(): boolean {
    return this.#catalog.holds.active().length === 0;
  }

  /** Ids of the active holds that match. */
  matching(document: SearchDocument, facts: MessageFacts): string[] {
    const active = this.#catalog.holds.active();
    return active.filter((hold) => this.#matches(hold, document, facts)).map((hold) => hold.id);
  }

  /** Ids of the active holds that may match a message of which something was not read. */
  possible(document: SearchDocument, facts: MessageFacts, unjudged: Unjudged): string[] {
    const active = this.#catalog.holds.active();
    const may = active.filter((hold) => evaluate(widest(this.query(hold), unjudged), document, facts));
    return may.map((hold) => hold.id);
  }

  /** The query of a hold. One that no longer parses holds everything. */
  query(hold: HoldRecord): Ast {
    const known = this.#queries.get(hold.id);
    if (known !== undefined) return known;
    const ast = parsedOrAll(hold.query);
    this.#queries.set(hold.id, ast);
    return ast;
  }

  #matches(hold: HoldRecord, document: SearchDocument, facts: MessageFacts): boolean {
    const ast = this.query(hold);
    return evaluate(widest(ast, unjudgedBy(document.display.flags)), document, facts);
  }
}

function parsedOrAll(query: string): Ast {
  try {
    return parseQuery(query);
  } catch {
    return { kind: 'all' };
  }
}
