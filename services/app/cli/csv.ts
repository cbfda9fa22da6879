export type CsvRecord = readonly (string | number | null)[];

/** What Excel knows UTF-8 by when a file is opened by a double click. */
const byteOrderMark = '\ufeff';

/** Records of a CSV file (RFC 4180) in UTF-8. @param isBeginning whether they are its first, which a byte order mark stands before */
export function csvBytes(records: readonly CsvRecord[], isBeginning: boolean): Buffer {
  const lines = records.map((record) => `${csvLine(record)}\r\n`).join('');
  return Buffer.from(isBeginning ? byteOrderMark + lines : lines);
}

/** One record, without the end of its line. What a spreadsheet would take for a formula is text, behind an apostrophe. */
export function csvLine(cells: CsvRecord): string {
  return cells.map(csvCell).join(',');
}

function csvCell(cell: string | number | null): string {
  if (typeof cell === 'number') return String(cell);
  const text = defused(cell ?? '');
  return /[",;\t\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Where a program begins a cell that divides records by something else than commas, as Excel does by `;` in half of Europe: for it
 * the quotation mark of ours stands within a cell, and holds nothing together.
 */
const DIVIDER = /([;\t\r\n])/u;

/**
 * What begins a formula (https://owasp.org/www-community/attacks/CSV_Injection), in every width; before it what is not seen, or
 * taken away: white space, controls, and quotation marks, of which two where a cell begins are none.
 */
const FORMULA =
  /^["\s\p{C}\p{Default_Ignorable_Code_Point}]*[=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]/u;

/** With an apostrophe wherever a cell could begin, and would be a formula. */
function defused(text: string): string {
  const [first = '', ...others] = text.split(DIVIDER);
  const whole = /^[\t\r\n]/u.test(text) || FORMULA.test(first) ? `'${first}` : first;
  return whole + others.map((part) => (FORMULA.test(part) ? part.replace(/^ */u, "$&'") : part)).join('');
}
