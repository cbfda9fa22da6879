import type { Draft } from '../draft.ts';

/** Spring and summer 2024: the hold, the inquiry, and what became of the bridge. */
export const legalHold: readonly Draft[] = [
  {
    id: 'hold-notice',
    at: '2024-04-02 09:00',
    from: 'leonie',
    to: ['margit', 'tobias', 'priya', 'desmond', 'yuki', 'callum'],
    cc: ['sam'],
    subject: 'PRESERVATION NOTICE: Sallow Ferry Bridge - please read and confirm today',
    body: `Dear colleagues,

Northmere Spanworks expects legal proceedings about the hanger bolts of the Sallow Ferry Bridge and the report NS-2023-114. You may have documents that matter. From this moment on you must not delete, alter or move anything that has to do with:

- lot VF-2217, Veldham Fastenings, and any payment by or to them
- the readings, drafts and versions of NS-2023-114
- Reedbed Ecology, and anything called "heron"
- the night work of January 2024

This covers mail, drafts, chat, photographs, paper, and your own telephone if you used it. It applies to what you receive from now on as well. The archive holds your mailboxes already; the notice is for everything that the archive cannot see.

Please answer "confirmed" today.

Leonie Vasquez`,
    attach: ['hold-notice'],
    format: 'alternative',
  },
  {
    id: 'hold-margit',
    at: '2024-04-02 09:06',
    from: 'margit',
    to: ['leonie'],
    reply: 'hold-notice',
    quote: false,
    body: 'Confirmed. With pleasure.',
  },
  {
    id: 'hold-priya',
    at: '2024-04-02 09:11',
    from: 'priya',
    to: ['leonie'],
    reply: 'hold-notice',
    quote: false,
    body: 'Confirmed. I have a notebook as well; may I bring it to you rather than keep it in my desk?',
  },
  {
    id: 'hold-callum',
    at: '2024-04-02 12:55',
    from: 'callum',
    to: ['leonie'],
    reply: 'hold-notice',
    quote: false,
    body: 'Confirmed. The site diary for January exists twice. I gave Tobias the copy.',
  },
  {
    id: 'hold-tobias',
    at: '2024-04-02 17:59',
    from: 'tobias',
    to: ['leonie'],
    reply: 'hold-notice',
    quote: false,
    body: `Does this include personal notes, and messages that one has deleted long ago?`,
  },
  {
    id: 'hold-leonie',
    at: '2024-04-02 18:02',
    from: 'leonie',
    to: ['tobias'],
    reply: 'hold-tobias',
    body: `Yes to both. Please do confirm.`,
  },
  {
    id: 'hold-tobias-2',
    at: '2024-04-03 09:40',
    from: 'tobias',
    to: ['leonie'],
    reply: 'hold-leonie',
    quote: false,
    body: 'Confirmed.',
  },
  {
    id: 'counsel',
    at: '2024-04-08 11:30',
    from: 'leonie',
    to: ['ikenna'],
    subject: 'Privileged and confidential: Sallow Ferry, instructions',
    body: `Dear Ikenna,

As discussed, please advise us on our duties towards the county and on our position against Veldham. In short: the report our client relies on is not the report our inspector wrote, the supplier's certificate names a steel mill that denies having made the steel, and we have paid, or been paid, 185,000 under the heading of herons.

I intend to tell the county before the week is out. I should like you to tell me how, not whether.

Leonie`,
    folders: { leonie: 'privileged' },
  },
  {
    id: 'counsel-answer',
    at: '2024-04-09 08:15',
    from: 'ikenna',
    to: ['leonie'],
    reply: 'counsel',
    body: `Privileged and confidential.

Dear Leonie,

Tell them today, by telephone first and then in writing, with draft B attached. Recommend the weight limit yourselves; do not wait to be asked. Suspend nobody until the mailboxes are exported and the hashes are in the bundle.

I need everything between Tobias, Desmond and Gregor Veldham from October to March, in the order in which it was sent, and a list of what you could not read.

Ikenna Marchetti`,
    folders: { leonie: 'privileged' },
  },
  {
    id: 'county-told',
    at: '2024-04-09 15:45',
    from: 'leonie',
    to: ['rosalind'],
    cc: ['margit'],
    subject: 'Sallow Ferry Bridge: please restrict traffic tonight',
    body: `Dear Ms Firth,

I confirm what I told you at two o'clock. The report that you were sent on 1 December 2023 differs from the report that our Chief Inspector wrote. Her draft of 6 November is attached as she wrote it. Its verdict is "poor".

We recommend that you close the bridge to vehicles above 7.5 tonnes tonight. Ms Halloran is at your disposal at any hour, and will be on the bridge at six tomorrow.

I am sorry.

Leonie Vasquez`,
    attach: ['draft-report', 'hardness-measured', 'crack-photo', 'crack-photo-2'],
  },
  {
    id: 'county-thanks',
    at: '2024-04-09 17:20',
    from: 'rosalind',
    to: ['leonie'],
    cc: ['margit'],
    reply: 'county-told',
    quote: false,
    body: `The signs are going up as I write. I shall be on the bridge at six as well.

R.F.`,
  },
  {
    id: 'interviews',
    at: '2024-04-26 10:10',
    from: 'leonie',
    to: ['margit', 'priya', 'callum', 'desmond', 'tobias'],
    subject: 'Interviews in May',
    body: `Each of you has an hour with Marchetti Lowe in the second week of May; times are in the attachment. You may bring somebody. Nobody is asked to prepare anything, and please do not compare notes.

Leonie`,
    attach: ['interview-plan'],
  },
  {
    id: 'desmond-turns',
    at: '2024-05-02 23:16',
    from: 'desmond',
    to: ['leonie'],
    subject: 'Before the interview',
    body: `Leonie,

I should like to come to you before the 13th. Blue Heron was Tobias's name for it, and the invoice was my idea. I have kept his messages. I do not know why; perhaps for this.

Desmond`,
    folders: { leonie: 'privileged' },
  },
  {
    id: 'veldham-denies',
    at: '2024-06-11 13:00',
    from: 'gregor',
    to: ['leonie'],
    subject: 'Your letter of 4 June',
    body: `Madam,

Veldham Fastenings has never heard of a heron. The certificate was correct when it was printed. The night work was a courtesy between gentlemen.

Gregor Veldham`,
    folders: { leonie: 'veldham' },
  },
  {
    id: 'zdenek-writes',
    at: '2024-06-14 19:37',
    from: 'zdenek',
    to: ['priya'],
    cc: ['leonie'],
    subject: 'Furnace record',
    body: `Dear Ms Nandakumar,

In May of last year you asked me for the furnace record of lot VF-2217, and I did not answer. There is none. The furnace was down for repair in the whole of that week. I was told to sign, and I signed.

I have left Veldham. You may use this letter.

Zdeněk Havránek`,
    charset: 'iso-8859-2',
    encoding: 'quoted-printable',
  },
  {
    id: 'new-bolts',
    at: '2024-07-05 17:30',
    from: 'callum',
    to: ['margit', 'priya', 'yuki', 'leonie'],
    subject: 'Last of VF-2217 is out',
    body: `The last of the old bolts came out at 15:10 and went into a sealed drum with a number on it, not into the river. All 439 new ones are in, from Pune, baked, tested and logged. The weight limit goes on Monday.

The heron watched the whole thing and left when we did.

Callum`,
    format: 'alternative',
  },
  {
    id: 'lessons',
    at: '2024-08-19 09:00',
    from: 'leonie',
    to: ['everyone'],
    subject: 'How we issue reports from now on',
    body: `Dear all,

From 1 September a report is sealed at the moment its inspector signs it. Its hash goes into the archive's ledger, and the client gets the hash with the report. If somebody changes a number after that, anybody can see it, and nobody has to be brave to prove it.

Margit Halloran takes over the Sallow Ferry project. Priya Nandakumar will head the new materials group.

The preservation notice of 2 April still stands.

Leonie Vasquez`,
    format: 'html',
  },
];
