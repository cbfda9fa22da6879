import { type CommanderError, Command as Program } from 'commander';
import type { z } from 'zod';
import { Fault, messageOf, systemCodeOf } from '#kernel';
import { AppFault } from '../app-fault.ts';
import type { AnyCommand } from './command.ts';
import type { Io } from './io.ts';
import { readerGone } from './standard-output.ts';

/** Says what went wrong in one line, and what to do in the next; gives the exit code. */
export function faultOf(thrown: unknown, io: Io): number {
  const cause = causeOf(thrown, io.signal);
  if (cause === readerGone) return 141;
  if (cause === interrupted) {
    io.note('muniment: interrupted. What was acknowledged is safe; run it again to complete it.');
    return 130;
  }
  const { code, message, remedy } = describe(cause);
  if (io.json) io.result({ error: code, message, remedy }, '');
  io.note(`muniment: ${message}`);
  if (remedy !== '') io.note(`  ${remedy}`);
  if (code === 'unexpected' && cause instanceof Error) io.note(cause.stack ?? '');
  return code === 'usage' || code === 'no-selection' ? 64 : 2;
}

const interrupted = new Error('interrupted');

/** Why it was stopped, where it was: whatever was thrown then follows from that. */
function causeOf(thrown: unknown, { aborted, reason }: AbortSignal): unknown {
  if (!aborted) return firstOf(thrown);
  return reason === readerGone || reason instanceof AppFault ? reason : interrupted;
}

/** What went wrong first, where closing what was open failed after it. */
function firstOf(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstOf(thrown.suppressed) : thrown;
}

/** What could not be understood; commander has told people on standard error, and programs are told here. Gives the exit code. */
export function misunderstood(error: CommanderError, io: Pick<Io, 'json' | 'result'>): number {
  const isIncomplete = error.code === 'commander.help';
  const message = isIncomplete ? 'A command is missing.' : error.message.replace(/^error: /u, '');
  if (io.json) io.result({ error: 'usage', message, remedy: 'See the command with --help.' }, '');
  return 64;
}

/** Names what was typed as it is typed. */
export function inputFault(command: AnyCommand, input: unknown, error: z.ZodError): AppFault {
  const issue = error.issues[0];
  const key = String(issue?.path[0] ?? '');
  const problem = issue === undefined ? 'is invalid' : problemOf(issue);
  const hint = command.hints?.[key];
  return new AppFault('usage', `${nameTyped(command, key)}${given(input, key)} ${problem}`, {
    remedy: `${hint === undefined ? '' : `${hint} `}See \`muniment ${command.name} --help\`.`,
  });
}

/** What is wrong with a value, without the schema library's own words. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'must not be empty' : `must be ${issue.minimum} or more`;
  if (issue.code === 'too_big') return issue.origin === 'string' ? 'is too long' : `must be ${issue.maximum} or less`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type') return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}`;
  return `is not understood: ${issue.message}`;
}

/** `--as-of` for `asOf`, `--password-file` for the `password` in it, `<digest>` for an argument. */
function nameTyped(command: AnyCommand, key: string): string {
  if (key === '') return 'input';
  const { options, registeredArguments } = command.configure(new Program());
  const option =
    options.find((one) => one.attributeName() === key) ?? options.find((one) => one.attributeName().startsWith(key));
  const argument = registeredArguments.find((one) => one.name() === key) ?? registeredArguments[0];
  return option?.long ?? `<${argument?.name() ?? key}>`;
}

/** A password is not repeated. */
function given(input: unknown, key: string): string {
  if (key === 'password' || typeof input !== 'object' || input === null) return '';
  const value: unknown = Object.entries(input).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? ` ${JSON.stringify(value)}` : '';
}

/** https://www.sqlite.org/rescode.html#full */
const sqliteFull = 13;

function isFullDatabase(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === sqliteFull;
}

interface Description {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

function describe(thrown: unknown): Description {
  if (thrown instanceof Fault) return thrown;
  const code = systemCodeOf(thrown);
  const message = messageOf(thrown);
  if (code === 'ENOSPC' || isFullDatabase(thrown))
    return {
      code: 'ENOSPC',
      message: 'The disk is full.',
      remedy: 'Free some space and run it again; nothing acknowledged is lost.',
    };
  if (code === 'EACCES' || code === 'EPERM')
    return { code, message, remedy: 'Check the permissions of that file or folder.' };
  if (code === 'ENOENT' || code === 'ENOTDIR') return { code, message, remedy: 'Check that path, and run it again.' };
  if (code !== undefined) return { code, message, remedy: 'Mend that and run it again.' };
  return {
    code: 'unexpected',
    message: `unexpected: ${message}`,
    remedy: 'This is a defect: please report it with the stack below.',
  };
}
