import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type Stage, typed } from './stage.ts';
import { checksumCommand, type Ran, type Workshop } from './workshop.ts';

/** One command of the tour and what it must come to. */
interface Step {
  readonly why: string;
  readonly words: readonly string[];
  /** Runs there instead of in the tour's folder. */
  readonly folder?: string;
  /** What the answer must contain. */
  readonly expect: RegExp;
  readonly code?: number;
  readonly lines?: number;
}

const linesMax = 8;
const matter = 'Sallow Ferry';

/** A step that did not do what it is there to show. */
export class StepFailed extends Error {}

/** Shows each part of the program by its own commands. @throws StepFailed */
export async function tour(workshop: Workshop, stage: Stage): Promise<void> {
  await importing(workshop, stage);
  const evidence = await searching(workshop, stage);
  await holding(workshop, stage, evidence);
  await disposing(workshop, stage);
  await producing(workshop, stage);
  await proving(workshop, stage, evidence);
}

async function importing(workshop: Workshop, stage: Stage): Promise<void> {
  stage.heading('1. Mail comes in');
  await show(workshop, stage, {
    why: 'Seven mailboxes of an invented engineering firm. Equal bytes are stored once, every place they were seen is kept.',
    words: ['muniment', 'import', 'mail'],
    expect: /found 394 = captured 177 \+ already archived 217 \+ failed 0/u,
  });
  await show(workshop, stage, {
    why: 'Again: nothing is taken twice, and the sum still has to come out.',
    words: ['muniment', 'import', 'mail'],
    expect: /found 394 = captured 0 \+ already archived 394 \+ failed 0/u,
  });
}

/** Gives the digest of the message that the rest of the tour is about. */
async function searching(workshop: Workshop, stage: Stage): Promise<string> {
  stage.heading('2. What did they call it among themselves?');
  await show(workshop, stage, {
    why: 'A phrase: exact, and every hit, not the first thousand.',
    words: ['muniment', 'search', '"blue heron"'],
    expect: /a walk by the water\?/u,
  });
  const found = await show(workshop, stage, {
    why: 'Fields and a date: what did the project director write about herons in November 2023?',
    words: ['muniment', 'search', 'from:tobias subject:heron date:2023-11'],
    expect: /heron count[^]*1 of 1 message as of sequence \d+/u,
  });
  const evidence = firstDigest(found);
  await show(workshop, stage, {
    why: 'A Japanese word, one token a character; the charset of the message does not matter.',
    words: ['muniment', 'search', '橋梁'],
    expect: /橋梁点検報告書について/u,
  });
  await show(workshop, stage, {
    why: 'Attachments from one company in one mailbox.',
    words: ['muniment', 'search', 'custodian:desmond.okoye from:reedbed has:attachment'],
    expect: /\[1 attached\]/u,
  });
  await show(workshop, stage, {
    why: 'Reading it. That somebody read it is in the ledger before the first byte appears.',
    words: ['muniment', 'show', evidence, '--text'],
    expect: /412 has become 372/u,
    lines: 16,
  });
  return evidence;
}

async function holding(workshop: Workshop, stage: Stage, evidence: string): Promise<void> {
  stage.heading('3. "Delete this, please."');
  await show(workshop, stage, {
    why: 'A matter gathers what belongs to one case or investigation.',
    words: ['muniment', 'matter', 'create', matter, '--description', 'Altered inspection report'],
    expect: /matter-[0-9a-f]+ {2}Sallow Ferry/u,
  });
  const query = 'heron OR "VF-2217" OR "NS-2023-114"';
  await show(workshop, stage, {
    why: 'A legal hold: what matches may not be destroyed, archived or still to come, nor the one whose charset is a guess.',
    words: ['muniment', 'hold', 'place', '--matter', matter, '--query', query, '--reason', 'Claim of Calder County'],
    expect: /holds 41 messages/u,
  });
  await show(workshop, stage, {
    why: 'So this is refused, whoever asks, with exit code 2.',
    words: ['muniment', 'dispose', evidence, '--reason', 'Delete this, please.'],
    expect: /is on legal hold: hold-/u,
    code: 2,
  });
  await laterMail(workshop);
  await show(workshop, stage, {
    why: 'Mail that arrives later is judged as it comes.',
    words: ['muniment', 'import', 'later'],
    expect: /found 1 = captured 1/u,
  });
  await show(workshop, stage, {
    why: 'One more than before.',
    words: ['muniment', 'hold', 'list'],
    expect: /holds 42 messages, of them 1 could not be judged/u,
  });
}

async function disposing(workshop: Workshop, stage: Stage): Promise<void> {
  stage.heading('4. What nobody has to keep');
  const found = await show(workshop, stage, {
    why: 'Junk: no hold covers it, and no retention period runs.',
    words: ['muniment', 'search', 'mailbox:junk "won a bridge"'],
    expect: /1 of 1 message/u,
  });
  await show(workshop, stage, {
    why: 'It goes: bytes, text and index entry. A certificate stays in the ledger.',
    words: ['muniment', 'dispose', firstDigest(found), '--reason', 'Junk'],
    expect: /certificate: ledger entry \d+/u,
  });
}

async function producing(workshop: Workshop, stage: Stage): Promise<void> {
  stage.heading('5. Handing it over');
  await show(workshop, stage, {
    why: 'The files as they were received, with a manifest, a checkpoint of the ledger and a proof for each message.',
    words: ['muniment', 'export', '--matter', matter, '--out', 'production'],
    expect: /exported 42 of 42 messages[^]*1 of them could not be read well enough to tell whether it matches/u,
  });
  const exported = await readFile(workshop.path('production', 'SHA256SUMS'), 'utf8');
  await show(workshop, stage, {
    why: 'Whoever receives it checks it without this program, and without trusting us.',
    words: [...checksumCommand(), '-c', 'SHA256SUMS'],
    folder: 'production',
    expect: new RegExp(`^(?:.+: OK\\n){${exported.trimEnd().split('\n').length}}$`, 'u'),
    lines: 3,
  });
}

async function proving(workshop: Workshop, stage: Stage, evidence: string): Promise<void> {
  stage.heading('6. Proof');
  await show(workshop, stage, {
    why: 'A signed checkpoint of the ledger: kept elsewhere, it shows any later change of the past.',
    words: ['muniment', 'checkpoint'],
    expect: /^muniment\/[0-9a-f]{32}\n\d+\n/u,
  });
  await show(workshop, stage, {
    why: 'That this message was captured, for anyone to check offline (C2SP tlog-proof).',
    words: ['muniment', 'proof', evidence],
    expect: /^c2sp\.org\/tlog-proof@v1\nindex \d+\n/u,
    lines: 4,
  });
  await show(workshop, stage, {
    why: 'Ledger, archive, index and catalog against each other, every byte read.',
    words: ['muniment', 'verify', '--full'],
    expect: /^no fault found: \d+ entries, 177 messages .+ every byte read/u,
  });
  await show(workshop, stage, {
    why: 'A backup is an archive like any other, read back before it counts.',
    words: ['muniment', 'backup', '--to', 'file:./backup'],
    expect: /the backup holds 177 messages/u,
  });
  await show(workshop, stage, {
    why: 'What there is now.',
    words: ['muniment', 'status'],
    expect: /index {6}complete/u,
  });
}

/** Runs a step in front of the audience. @throws StepFailed */
async function show(workshop: Workshop, stage: Stage, step: Step): Promise<Ran> {
  const { why, words, folder, expect, code = 0 } = step;
  stage.prompt(why, folder === undefined ? typed(words) : `cd ${folder}; ${typed(words)}; cd ..`);
  const ran = await workshop.run(words, folder);
  stage.output(ran.text, step.lines ?? linesMax);
  if (ran.code !== code) throw new StepFailed(`It ended with exit code ${ran.code}, not ${code}.`);
  if (!expect.test(ran.text)) throw new StepFailed(`It did not answer ${expect.source}.\n${ran.text}`);
  await stage.pause();
  return ran;
}

function firstDigest({ stdout }: Ran): string {
  const digest = /^[0-9a-f]{12}/u.exec(stdout)?.[0];
  if (digest === undefined) throw new StepFailed('No digest begins the line.');
  return digest;
}

/** One more message for the mailbox of the bridge engineer, about what is on hold. */
async function laterMail(workshop: Workshop): Promise<void> {
  const folder = workshop.path('later', 'callum.reyes', 'inbox');
  await mkdir(folder, { recursive: true });
  const message = [
    'From: Gregor Dvorak <dvorak@veldham-fastenings.example>',
    'To: Callum Reyes <callum.reyes@northmere-spanworks.example>',
    'Subject: What is left of lot VF-2217',
    'Date: Mon, 2 Sep 2024 08:15:00 +0200',
    'Message-ID: <left-over@veldham-fastenings.example>',
    '',
    'We can fetch the remaining bolts on Thursday, after dark.',
    '',
  ];
  await writeFile(`${folder}/1.eml`, message.join('\r\n'));
}
