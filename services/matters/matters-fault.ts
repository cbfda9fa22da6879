import { Fault } from '#kernel';

export type MattersFaultCode =
  | 'no-such-matter'
  | 'matter-exists'
  | 'no-such-hold'
  | 'hold-released'
  | 'hold-query-moves'
  | 'no-such-saved-search'
  | 'saved-search-exists';

export class MattersFault extends Fault<MattersFaultCode> {}
