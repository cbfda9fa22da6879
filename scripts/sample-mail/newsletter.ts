import type { Draft } from './draft.ts';

const issues: readonly (readonly [at: string, title: string, body: string])[] = [
  [
    '2023-04-03 07:00',
    'A bridge, a ferry and a coffee machine',
    'We won Sallow Ferry. The twelve pairs of hangers date from 1931 and have carried trams, tanks and, once, an elephant. Callum Reyes runs the site; visitors bring boots.\n\nIn other news the coffee machine has a name now. It is Seventeen.',
  ],
  [
    '2023-09-04 07:00',
    'Where your mail goes',
    'Legal has introduced an archive for mail. Leonie Vasquez explains on page two why it forgets nothing, why that protects you, and who may look into it (almost nobody).\n\nThe summer evening on the ferry raised 412 for the lifeboat. Yes, we know. It is just a number.',
  ],
  [
    '2023-12-20 07:00',
    'Report accepted, and a quiet Christmas',
    'The county has accepted the inspection report of the Sallow Ferry Bridge. Congratulations to everybody who climbed for it.\n\nThe office is closed until 2 January. The heron is on duty.',
  ],
  [
    '2024-04-15 07:00',
    'What we know about Sallow Ferry',
    'You have read the Courier. So have we. The bridge is open to cars and closed to lorries; the inspector who wrote the first report is in charge of the second. Everything else belongs into the hands of those who ask the questions now.\n\nPlease keep what you have. Please do not guess in the corridor.',
  ],
  [
    '2024-08-05 07:00',
    '439 new bolts',
    'The weight limit on the Sallow Ferry Bridge is gone. Priya Nandakumar has promised to show the old bolts to everybody who asks, and to explain what hydrogen does to steel, with one joke.\n\nSeventeen has been descaled.',
  ],
];

export const newsletters: readonly Draft[] = issues.map(([at, title, body], index) => ({
  id: `girder-${index + 1}`,
  at,
  from: 'girder',
  to: ['everyone'],
  subject: `The Girder, no. ${index + 41}: ${title}`,
  body: `${body}\n\nYou receive this because you work at Northmere Spanworks. Unsubscribe: stop working here.`,
  format: 'html',
  unsigned: true,
  headers: {
    'List-Id': 'The Girder <girder.northmere-spanworks.example>',
    'List-Unsubscribe': '<mailto:newsletter@northmere-spanworks.example?subject=unsubscribe>',
    Precedence: 'bulk',
  },
}));
