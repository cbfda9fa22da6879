import { expect, test } from '@jest/globals';
import { waitAfter } from '../../../services/app/processes/storage-examinations.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 28, 12);

test('the next examination comes when the last entry is a day old, and not within an hour', () => {
  expect(waitAfter('sound', now, now)).toBe(24 * hour);
  expect(waitAfter('unsound', now - 20 * hour, now)).toBe(4 * hour);
  expect(waitAfter('sound', now - 23.5 * hour, now)).toBe(hour);
  expect(waitAfter('sound', now + 240 * hour, now)).toBe(24 * hour);
});

test('what could not be tried is tried again in an hour', () => {
  expect(waitAfter('undecided', now, now)).toBe(hour);
});

test('a machine whose storage has no lock is examined daily', () => {
  expect(waitAfter(undefined, undefined, now)).toBe(24 * hour);
});
