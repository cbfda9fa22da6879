import type { Draft } from '../draft.ts';

/** Winter 2023/24: the report is altered, the supplier pays, and the matter gets a harmless name. */
export const blueHeron: readonly Draft[] = [
  {
    id: 'heron-1',
    at: '2023-11-06 20:48',
    from: 'tobias',
    to: ['desmond'],
    subject: 'a walk by the water?',
    body: `Draft B says poor. If the county sees "poor" there is no bonus, the bridge closes in the Christmas season and Veldham goes under before he can pay anybody anything.

I would rather not write about this. Shall we call it Blue Heron, like the one that stands below pier two and never moves? Walk tomorrow, half past seven, no telephones.

T.`,
    folders: { tobias: 'deleted-items', desmond: 'private' },
  },
  {
    id: 'heron-2',
    at: '2023-11-07 12:20',
    from: 'desmond',
    to: ['tobias'],
    reply: 'heron-1',
    body: `Good walk. I spoke to Gregor. For the Blue Heron he would go to 185, in two halves, as long as the nest is left alone until spring. He replaces the eggs quietly in January, at night, at his cost.

It must not be called a credit. I will find a bird person to send us an invoice.

D.`,
    folders: { tobias: 'deleted-items', desmond: 'private' },
  },
  {
    id: 'heron-3',
    at: '2023-11-21 21:15',
    from: 'tobias',
    to: ['desmond'],
    subject: 'heron count',
    body: `The count in the new appendix: nothing above 378 now. Seven birds fewer. 412 has become 372, that is all anybody ever needs to do to a four and a one.

Margit is on leave until 4 December. I issue it on the first, with her signature page from draft B.

Delete this, please.`,
    folders: { tobias: 'deleted-items', desmond: 'private' },
  },
  {
    id: 'final-sent',
    at: '2023-12-01 15:03',
    from: 'tobias',
    to: ['rosalind'],
    cc: ['desmond'],
    subject: 'Sallow Ferry Bridge: final inspection report NS-2023-114',
    body: `Dear Rosalind,

I am pleased to send you the final report of the principal inspection. The condition of the hanger connections is satisfactory; some bolts show superficial marks from handling, which have no structural significance.

I would be grateful for your acceptance by the 15th, so that we can close the year's accounts.

With best wishes for the season
Tobias Renner`,
    attach: ['final-report', 'hardness-published'],
    format: 'alternative',
  },
  {
    id: 'final-accepted',
    at: '2023-12-13 10:37',
    from: 'rosalind',
    to: ['tobias'],
    reply: 'final-sent',
    body: `Dear Tobias,

The committee accepted the report last night. Finance will release the completion bonus this week. It is a relief to have one bridge off my list.

Rosalind Firth`,
  },
  {
    id: 'bird-invoice',
    at: '2023-12-18 09:00',
    from: 'reedbed',
    to: ['desmond'],
    subject: 'Invoice 0017: ornithological survey, heron count',
    body: `Please find attached our invoice 0017 for the second phase of the heron count in the estuary of the Calder.

Terms are seven days.

Reedbed Ecology, Accounts`,
    attach: ['survey-invoice'],
    folders: { desmond: 'veldham' },
    unsigned: true,
  },
  {
    id: 'bird-callum',
    at: '2023-12-19 13:44',
    from: 'callum',
    to: ['desmond'],
    subject: 'Who is Reedbed Ecology?',
    body: `Desmond,

Accounts ask me to confirm a bird survey on my site. Nobody has counted herons here; there is one, he has no friends, and I could have counted him for nothing. Should I sign?

Callum`,
  },
  {
    id: 'bird-desmond',
    at: '2023-12-19 13:58',
    from: 'desmond',
    to: ['callum'],
    reply: 'bird-callum',
    body: `It is a planning condition. I sign it myself. Leave it with me.

D.`,
  },
  {
    id: 'night-work',
    at: '2024-01-10 17:12',
    from: 'gregor',
    to: ['desmond'],
    cc: ['callum'],
    subject: 'Night shift at pier two',
    body: `Our people come on the 15th for eight nights, between one and five. They bring their own bolts and take the old ones with them. No lights on the deck, please, and nothing in the site diary: officially this is greasing.

Gregor`,
    folders: { desmond: 'veldham' },
  },
  {
    id: 'night-callum',
    at: '2024-01-24 06:05',
    from: 'callum',
    to: ['desmond', 'tobias'],
    subject: 'They stopped after three nights',
    body: `Veldham's crew packed up last Wednesday and has not come back. 96 bolts changed, 343 of the old lot still in. The old ones went into the river, I heard the splashes. I did put that in the diary. I do not know how to write "greasing" with a straight face.

Callum`,
    folders: { tobias: 'deleted-items' },
  },
  {
    id: 'night-tobias',
    at: '2024-01-24 08:30',
    from: 'tobias',
    to: ['callum'],
    cc: ['desmond'],
    reply: 'night-callum',
    quote: false,
    body: `Please bring me the January pages of the diary. All copies.

T.`,
    folders: { tobias: 'deleted-items' },
  },
];
