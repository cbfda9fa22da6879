import { describe, expect, test } from '@jest/globals';
import { array, assert, constantFrom, nat, property } from 'fast-check';
import { MboxrdQuoting, separatorLine } from '../../../services/export/formats/mboxrd.ts';

/** Text in which `From ` at the start of a line is likely, whole and in parts. */
const text = array(constantFrom('From ', '>From ', '>>', '>', '\n', '\r\n', 'F', 'Fro', 'from ', 'x', ' ', '\0')).map(
  (parts) => parts.join(''),
);

function quoted(message: string, cuts: readonly number[] = []): string {
  const quoting = new MboxrdQuoting();
  const at = [...cuts.map((cut) => cut % (message.length + 1)), message.length].sort((a, b) => a - b);
  const chunks = at.map((end, index) => message.slice(at[index - 1] ?? 0, end));
  const parts = chunks.map((chunk) => quoting.push(Buffer.from(chunk, 'latin1')));
  return Buffer.concat([...parts, quoting.end()]).toString('latin1');
}

describe('mboxrd quoting', () => {
  test('is undone by taking one ">" off each line of ">"s and "From "', () => {
    assert(
      property(text, (message) => {
        expect(quoted(message).replace(/^>(>*From )/gmu, '$1')).toBe(message);
      }),
      { seed: 22, numRuns: 500 },
    );
  });

  test('leaves no line that begins with "From "', () => {
    assert(
      property(text, (message) => {
        expect(`\n${quoted(message)}`).not.toContain('\nFrom ');
      }),
      { seed: 23, numRuns: 500 },
    );
  });

  test('does not depend on how the message is cut', () => {
    assert(
      property(text, array(nat(200), { maxLength: 8 }), (message, cuts) => {
        expect(quoted(message, cuts)).toBe(quoted(message));
      }),
      { seed: 24, numRuns: 500 },
    );
  });

  test('separates with a line that says when the message was captured, in UTC', () => {
    expect(separatorLine(Date.UTC(2026, 0, 5, 3, 4, 5, 678))).toBe('From MAILER-DAEMON Mon Jan  5 03:04:05 2026\n');
  });
});
