import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { SourceStatus } from '#ingest';
import { archiveCommand } from './command.ts';
import { count, shown } from './io.ts';
import { isoOf } from './moment.ts';
import { pathTyped } from './typed-path.ts';

const defaultPorts = { implicit: 993, starttls: 143, none: 143 } as const;

const adding = z.strictObject({
  name: z.string().min(1).max(100),
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535).optional(),
  user: z.string().min(1),
  password: z.string().min(1),
  tls: z.enum(['implicit', 'starttls', 'none']).default('implicit'),
  custodian: z.string().min(1).max(200),
  mailbox: z.array(z.string()).optional(),
});

export const sourcesAddImap = archiveCommand<z.infer<typeof adding>>({
  name: 'sources add imap',
  summary: 'Add an IMAP account to collect from',
  example:
    'muniment sources add imap alice --host mail.example.org --user alice --password-file ./pw --custodian alice',
  creates: true,
  schema: adding,
  configure: (program) =>
    program
      .argument('<name>', 'what the source is called here')
      .requiredOption('--host <host>')
      .option('--port <port>', 'default: 993, or 143 with starttls and none')
      .requiredOption('--user <user>')
      .requiredOption('--password-file <file>', 'a file whose first line is the password')
      .option('--tls <mode>', 'implicit, starttls or none', 'implicit')
      .requiredOption('--custodian <id>', 'whose mail it is')
      .option('--mailbox <name...>', 'only these mailboxes (default: all)'),
  input: ([name], { passwordFile, ...options }) => ({
    name,
    password: firstLine(pathTyped(passwordFile, '--password-file')),
    ...options,
  }),
  async run({ sources }, { mailbox, port, ...input }, io) {
    const source = await sources.addImap(
      { ...input, port: port ?? defaultPorts[input.tls], mailboxes: mailbox },
      'cli',
    );
    const { id, name, custodian, host = '', user = '', tls = 'implicit' } = source;
    const json = { id, name, type: 'imap', custodian, host, port: source.port, user, tls };
    io.result(
      json,
      `${shown(name)}: imap ${shown(user)} at ${shown(host)}:${source.port} (${tls}), custodian ${shown(custodian)}`,
    );
    return 0;
  },
});

export const sourcesList = archiveCommand<object>({
  name: 'sources list',
  summary: 'List sources and what their last runs brought',
  example: 'muniment sources list --json',
  creates: false,
  readOnly: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run({ sources }, _input, io) {
    const all = sources.list();
    for (const status of all) io.result(statusJson(status), statusText(status));
    if (all.length === 0) io.note('There is no source yet.');
    return 0;
  },
});

export function statusJson({ source, collections, quarantined }: SourceStatus): object {
  const runs = collections.map(({ startedAt, endedAt, ...run }) => ({
    ...run,
    startedAt: isoOf(startedAt),
    endedAt: isoOf(endedAt),
  }));
  return { ...source, collections: runs, quarantined };
}

function statusText({ source, collections, quarantined }: SourceStatus): string {
  const last = collections[0];
  const where =
    source.type === 'imap' ? `imap ${source.user ?? ''} at ${source.host ?? ''}:${source.port ?? ''}` : 'import';
  const sum =
    last === undefined
      ? 'never collected anything'
      : `last run: found ${count(last.found)} = captured ${count(last.captured)} + already archived ${count(last.alreadyArchived)} + failed ${count(last.failed)}`;
  const waiting = quarantined.length === 0 ? '' : `; ${count(quarantined.length)} could not be fetched yet`;
  return `${shown(source.name)}: ${shown(where)}; ${sum}${waiting}`;
}

function firstLine(file: string): string {
  return readFileSync(file, 'utf8').split(/\r?\n/u)[0] ?? '';
}
