import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Speeds up each start of a program or thread; keyed by content, so shared by all tests and runs. */
export const compileCache = join(tmpdir(), 'muniment-compile-cache');
