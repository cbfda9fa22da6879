export { parseMessage } from './parse-message.ts';
export { defaultParseBudget } from './parse-budget.ts';
export type { ParseBudget } from './parse-budget.ts';
export { emptyMessage } from './parsed-message.ts';
export { FIELD_NAME_MAX, OWN_FIELDS } from './named-fields.ts';
export type { MailAddress, MessageTrait, NamedField, ParsedAttachment, ParsedMessage } from './parsed-message.ts';
export { messageText } from './message-text.ts';
export { headerText, splitHeader } from './split-header.ts';
export type { SplitMessage } from './split-header.ts';
