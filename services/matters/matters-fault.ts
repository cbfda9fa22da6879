import { Fault } from '#kernel';

export type MattersFaultCode =
  'no-such-matter' | 'matter-exists' | 'no-such-hold' | 'hold-released' | 'hold-query-moves';

export class MattersFault extends Fault<MattersFaultCode> {}
