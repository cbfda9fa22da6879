import { daysAfter } from './calendar.ts';
import type { Draft } from './draft.ts';
import { Random } from './random.ts';

const WEEKS = 76;

const weather = [
  'Dry and still all week, the river like glass.',
  'Rain on three days; we lost eleven hours on the north tower.',
  'Fog until ten on most mornings. The ferry sounded its horn, the crew answered.',
  'Gusts to 61 km/h on Tuesday, crane down for half a day.',
  'Frost on the deck at seven, gone by nine.',
  'Warm. We start at six now and stop at two.',
  'Hail on Thursday, short and personal.',
];
const work = [
  'Scaffolding on the south tower is complete and signed off.',
  'Blast cleaning of the cable bands continues; nine of twenty-four are done.',
  'The east walkway has its new planks. The old ones went to the allotments.',
  'Paint on the lower chord: second coat finished, third begins on Monday.',
  'Drainage holes opened by hand, all forty-eight.',
  'The bearings on pier one were greased and turned; no play.',
  'Lighting on the west side was moved to the new brackets.',
  'Strain gauges checked against the reference bar; two replaced.',
  'The inspection gantry is stuck at mid-span again. The part is ordered.',
];
const close = [
  'No accidents, one lost thermos.',
  'No accidents. Toolbox talk on working over water, fourteen present.',
  'One cut finger, plaster, back at work.',
  'No accidents. The new radios are good.',
  'One near miss: a spanner fell into the net. That is what the net is for.',
];

function hangers(random: Random, week: number): string {
  if (week < 17) return 'Hangers: waiting for the bolts.';
  if (week > 30 && week < 70) {
    return `Hanger H11 reads ${random.between(4, 9) + (week - 30)} microns above its reference of July; the others stay within ${random.between(5, 12)}.`;
  }
  return `All twelve hangers within ${random.between(6, 14)} microns of the reference.`;
}

/** The site office's report of every second Friday: the same people, the same form, other numbers. */
export function weeklyReports(seed: number): readonly Draft[] {
  const random = new Random(seed);
  const drafts: Draft[] = [];
  for (let week = 2; week <= WEEKS; week += 2) {
    const figures = `Traffic: ${random.between(3_700, 4_450)} vehicles a day. Crew: ${random.between(9, 16)}. Water at the gauge: ${random.between(140, 395)} cm.`;
    const told = [random.pick(weather), random.pick(work), hangers(random, week), random.pick(close)];
    if (week % 18 === 0) continue;
    drafts.push({
      id: `week-${week}`,
      at: daysAfter(`2023-03-10 ${random.between(15, 17)}:${random.between(10, 59)}`, 7 * (week - 1)),
      from: 'callum',
      to: week % 4 === 0 ? ['tobias'] : ['margit'],
      ...(week % 5 === 0 && { cc: ['priya'] as const }),
      subject: `Sallow Ferry, week ${week}`,
      body: `${told.slice(0, 2).join(' ')}\n\n${figures}\n\n${told.slice(2).join(' ')}\n\nCallum`,
      ...(week % 4 === 0 && { attach: [`readings-${week}`] as const }),
      folders: { margit: 'sallow-ferry', tobias: 'sallow-ferry' },
    });
  }
  return drafts;
}
