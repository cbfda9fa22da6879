import type { Fault } from '#kernel';

/** What whoever placed a hold is told where what is archived could not all be marked. */
export function unsweptWarnings(fault: Fault | undefined): readonly string[] {
  if (fault === undefined) return [];
  return [
    `The hold stands: what arrives later is held, and what is archived is judged by its query before any disposal. But not all of what is archived could be marked: ${fault.message}. ${fault.remedy}`,
    'This is tried again whenever the archive is opened. If it cannot succeed, place a narrower hold, then release this one.',
  ];
}
