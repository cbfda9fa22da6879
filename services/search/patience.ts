/**
 * Called now and then by what may take long: throws where it has taken too long, or nobody waits for it any more. Cheap enough to be
 * called some thousand times a second.
 */
export type Patience = () => void;

/** Of what must be known whatever it takes: holds, captures, disposal. */
export const endless: Patience = () => undefined;
