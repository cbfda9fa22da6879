import { Command as Program, CommanderError } from 'commander';
import type { AnyCommand } from './command.ts';

export interface Typed {
  readonly command: AnyCommand;
  readonly input: unknown;
  readonly json: boolean;
  readonly archive: string | undefined;
}

const groupSummaries: Readonly<Record<string, string>> = {
  sources: 'Where mail comes from',
  'sources add': 'Add a source',
  matter: 'Legal cases and investigations',
  saved: 'Searches that a matter keeps',
  hold: 'Legal holds',
  retention: 'How long messages are kept',
  buckets: 'Where an archive on S3 lies',
  token: 'The bearer token of the HTTP API',
};

/**
 * What was typed. Undefined when it was answered already (--help, --version).
 * @throws CommanderError for what cannot be understood; commander has said so on standard error
 */
export async function parseTyped(
  commands: readonly AnyCommand[],
  argv: readonly string[],
  version: string,
): Promise<Typed | undefined> {
  let typed: Typed | undefined;
  const program = new Program('muniment')
    .description('An e-mail archive whose evidence anyone can check.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(see --help)')
    .addHelpText('after', '\nBegin with: muniment import PATH, then: muniment search WORD');
  for (const command of commands) {
    const words = command.name.split(' ');
    const parent = groupOf(program, words.slice(0, -1), command.example);
    const sub = command.configure(parent.command(words.at(-1) ?? '').description(command.summary));
    sub
      .option('--json', 'results as JSON Lines on standard output')
      .option('--archive <url>', 'the archive, e.g. file:./data (default: ARCHIVE_URL, else file:./data)')
      .addHelpText('after', `\nExample:\n  ${command.example}`)
      .action((...args: unknown[]) => {
        const { json, archive, ...options } = sub.opts<{ json?: boolean; archive?: string }>();
        // Commander passes the arguments, then the options, then the command.
        typed = { command, input: command.input(args.slice(0, -2), options), json: json ?? false, archive };
      });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return undefined;
    throw thrown;
  }
  return typed;
}

/** @param example of its first command */
function groupOf(program: Program, words: readonly string[], example: string): Program {
  let parent = program;
  for (const [index, word] of words.entries()) {
    const existing = parent.commands.find((one) => one.name() === word);
    const summary = groupSummaries[words.slice(0, index + 1).join(' ')] ?? '';
    parent = existing ?? parent.command(word).description(summary).addHelpText('after', `\nExample:\n  ${example}`);
  }
  return parent;
}
