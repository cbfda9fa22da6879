import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CommanderError } from 'commander';
import { commands } from '../../../services/app/cli/commands.ts';
import { inputFault, misunderstood } from '../../../services/app/cli/problem.ts';
import { parseTyped } from '../../../services/app/cli/program.ts';
import { sourcesAddImap } from '../../../services/app/cli/sources.ts';

function typed(line: readonly string[]) {
  return parseTyped(commands, line, '1.2.3');
}

describe('what is typed', () => {
  let written: string;

  beforeEach(() => {
    written = '';
    const keep = (text: unknown) => (written += String(text)) !== '';
    jest.spyOn(process.stdout, 'write').mockImplementation(keep);
    jest.spyOn(process.stderr, 'write').mockImplementation(keep);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each(commands.map((command) => command.name))('%s --help shows what it does, with its example', async (name) => {
    expect(await typed([...name.split(' '), '--help'])).toBeUndefined();
    const command = commands.find((one) => one.name === name);
    // Long lines are broken.
    expect(written.replaceAll(/\s+/gu, ' ')).toContain(command?.summary);
    expect(written).toContain(`Example:\n  ${command?.example ?? '?'}`);
    expect(command?.example).toContain(`muniment ${name}`);
    expect(written).toContain('--json');
    expect(written).toContain('--archive');
  });

  test.each(commands.map((command) => command.name))('%s refuses an option it does not know', async (name) => {
    await expect(typed([...name.split(' '), '--no-such-option'])).rejects.toMatchObject({
      code: expect.stringMatching(/^commander\./u),
    });
    expect(written).toContain('--help');
  });

  test.each(['sources', 'sources add', 'saved'])('%s alone shows what it has, with an example', async (group) => {
    expect(await typed([...group.split(' '), '--help'])).toBeUndefined();
    expect(written).toContain(`Example:\n  muniment ${group} `);
  });

  test('--help and --version are answered', async () => {
    expect(await typed(['--help'])).toBeUndefined();
    for (const { name } of commands) expect(written).toContain(name.split(' ')[0]);
    expect(await typed(['--version'])).toBeUndefined();
    expect(written).toContain('1.2.3');
  });

  test.each([[['nonsense']], [['hold', 'nonsense']], [['show']], [['import']], [['backup']]])(
    '%j cannot be understood',
    async (line) => {
      await expect(typed(line)).rejects.toMatchObject({ code: expect.stringMatching(/^commander\./u) });
    },
  );

  test.each([
    [
      'import',
      ['import', 'services', '/b', '--custodian', 'c'],
      { paths: [resolve('services'), '/b'], custodian: 'c', format: 'auto' },
    ],
    ['search', ['search', 'two', 'words', '--as-of', '7'], { query: 'two words', asOf: '7' }],
    ['search', ['search', '--saved', ' herons', '--matter', 'm'], { query: '', saved: ' herons', matter: 'm' }],
    [
      'saved add',
      ['saved', 'add', 'm', 'herons', 'heron', '--replace'],
      { matter: 'm', name: 'herons', query: 'heron', replace: true },
    ],
    ['show', ['show', 'abcdef01', '--raw'], { digest: 'abcdef01', raw: true }],
    ['export', ['export', '--all', '--out', 'x.zip'], { all: true, out: resolve('x.zip'), format: 'eml' }],
    ['backup', ['backup', '--to', 'file:b', '--full'], { to: resolve('b'), full: true }],
    ['serve', ['serve'], {}],
    ['token rotate', ['token', 'rotate'], {}],
  ])('%s gets its input with paths made absolute, and accepts it', async (name, line, input) => {
    const found = await typed([...line, '--json', '--archive', 'file:x']);
    expect(found).toMatchObject({ command: { name }, input, json: true, archive: 'file:x' });
    expect(found?.command.schema.safeParse(found.input).success).toBe(true);
  });

  test.each([
    [['import', '']],
    [['import', 'a', '']],
    [['export', '--all', '--out', '']],
    [['backup', '--to', '']],
    [['restore', '--from', '']],
    [['sources', 'add', 'imap', 'n', '--host', 'h', '--user', 'u', '--custodian', 'c', '--password-file', '']],
  ])('%j: an empty path is no path', async (line) => {
    await expect(typed(line)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('is empty') });
  });

  test.each([
    [['import', '.', '--custodian', ''], '--custodian "" must not be empty'],
    [['search', 'x', '--as-of', 'abc'], '--as-of "abc" must be a number'],
    [['search', 'x', '--limit', '0'], '--limit "0" must be 1 or more'],
    [['export', '--all', '--out', 'x', '--format', 'zip'], '--format "zip" must be one of eml, mbox'],
    [['export', '--all', '--out', 'x', '--as-of', '1.5'], '--as-of "1.5" must be a whole number'],
    [['matter', 'create', ''], '<name> "" must not be empty'],
    [['saved', 'add', 'm', ' ', 'heron'], '<name> " " must not be empty'],
    [['saved', 'add', 'm', 'herons', ''], '<query> "" must not be empty'],
    [['saved', 'discard', 'm', ''], '<name> "" must not be empty'],
    [['search', '--saved', '', '--matter', 'm'], '--saved "" must not be empty'],
  ])('%j is refused by the name of what was typed, with what was given', async (line, message) => {
    const found = await typed(line);
    if (found === undefined) throw new Error('answered');
    const checked = found.command.schema.safeParse(found.input);
    if (checked.success) throw new Error('accepted');
    const fault = inputFault(found.command, found.input, checked.error);
    expect(fault.code).toBe('usage');
    expect(fault.message.startsWith(message)).toBe(true);
    expect(fault.message).not.toMatch(/received|NaN|asOf/u);
  });

  test('an empty password is refused by its file and not repeated', () => {
    const input = { name: 'n', host: 'h', user: 'u', custodian: 'c', password: '' };
    const checked = sourcesAddImap.schema.safeParse(input);
    if (checked.success) throw new Error('accepted');
    expect(inputFault(sourcesAddImap, input, checked.error).message).toBe('--password-file must not be empty');
  });

  test.each([
    [['show'], "missing required argument 'digest'"],
    [['status', '--nonsense'], "unknown option '--nonsense'"],
    [['nonsense'], "unknown command 'nonsense'"],
    [[], 'A command is missing.'],
    [['hold'], 'A command is missing.'],
  ])('%j is told to programs in one line', async (line, message) => {
    const said: object[] = [];
    const io = { json: true, result: (value: object) => void said.push(value) };
    const thrown = await typed(line).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(CommanderError);
    if (thrown instanceof CommanderError) expect(misunderstood(thrown, io)).toBe(64);
    expect(said).toEqual([{ error: 'usage', message, remedy: expect.stringContaining('--help') }]);
    said.length = 0;
    if (thrown instanceof CommanderError) misunderstood(thrown, { ...io, json: false });
    expect(said).toEqual([]);
  });

  test('every input can be sent to another process', async () => {
    const found = await typed(['hold', 'place', '--matter', 'm', '--query', 'q', '--reason', 'r']);
    expect(JSON.parse(JSON.stringify(found?.input))).toEqual(found?.input);
  });
});
