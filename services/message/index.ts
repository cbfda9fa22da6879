export { parseMessage } from './parse-message.ts';
export { defaultParseBudget } from './parse-budget.ts';
export type { ParseBudget } from './parse-budget.ts';
export type { MailAddress, ParseFlag, ParsedAttachment, ParsedMessage } from './parsed-message.ts';
