import { embeds, floatsRight, reorders, saysOtherwise } from './styles.ts';

/** What was noticed of an HTML text that makes it another one to a reader. */
export class ShownOtherwise {
  /** Words are seen in another order, or are said by a style. */
  isOtherwise = false;
  /** What stands beside each other may be seen in another order. */
  isReordered = false;
  /** It contains a picture, or another file. */
  embeds = false;
  /** Of several things that float to the right, the last comes first. */
  #isFloated = false;

  noteStyle(style: string): void {
    this.isOtherwise ||= saysOtherwise(style);
    this.isReordered ||= reorders(style) || (this.#isFloated && floatsRight(style));
    this.#isFloated ||= floatsRight(style);
    this.embeds ||= embeds(style);
  }

  noteSheet(sheet: string): void {
    this.isOtherwise ||= saysOtherwise(sheet);
    this.isReordered ||= reorders(sheet) || floatsRight(sheet);
    this.embeds ||= embeds(sheet);
  }
}
