import { describe, expect, test } from '@jest/globals';
import { evaluate, parseQuery, searchDocument, nothingKnown } from '#search';
import { parseMessage } from '../../../services/message/index.ts';

const message = [
  'Return-Path: <bounce@list.example>',
  'Delivered-To: gull@x.example',
  'X-Original-To: gannet@x.example',
  'Apparently-To: grebe@x.example',
  'Envelope-To: godwit@x.example',
  'X-Envelope-To: garganey@x.example',
  'X-Apparently-To: goosander@x.example',
  'X-Bcc: goldcrest@x.example',
  'Disposition-Notification-To: dunlin@x.example',
  'Organization: =?utf-8?Q?d=01otterel?=',
  'Thread-Topic: dipper',
  'List-Id: Of ducks <dunnock.x.example>',
  'Resent-From: Rae <rail@x.example>',
  'Resent-To: ruff@x.example',
  'Resent-Cc: rook@x.example',
  'Resent-Bcc: robin@x.example',
  'From: ann@x.example',
  'To: Bob (the heron) <bob@x.example>',
  'Comments: =?utf-8?Q?a_bit?= =?utf-8?Q?tern?=',
  'Keywords: egret, stork',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; name="kingfisher.txt"',
  'Content-Disposition: inline; filename="kittiwake.txt"',
  '',
  'x',
  '--b',
  'Content-Description: photograph of a crane',
  'Content-Type: image/png',
  '',
  'x',
  '--b--',
].join('\r\n');

describe('fields that no reader shows', () => {
  const parsed = parseMessage(Buffer.from(message));
  const document = searchDocument(parsed, message.length);

  test.each([
    'from:bounce@list.example',
    'from:rail',
    'from:rae',
    'to:gull',
    'to:gannet',
    'to:grebe@x.example',
    'to:godwit',
    'to:garganey',
    'to:goosander',
    'goldcrest',
    '"dunlin@x.example"',
    'dotterel',
    'dipper',
    'dunnock',
    'kingfisher.txt',
    'kittiwake.txt',
    'to:ruff',
    'cc:rook',
    'robin',
    'bittern',
    'egret',
    'stork',
    '"photograph of a crane"',
    'to:heron',
    'from:ann',
    'to:bob',
  ])('are found: %s', (query) => {
    expect(evaluate(parseQuery(query), document, nothingKnown)).toBe(true);
  });

  test('are not shown as sender and recipients', () => {
    expect(parsed.from).toEqual([{ name: '', address: 'ann@x.example' }]);
    expect(document.display.from).toEqual(['ann@x.example']);
    expect(document.display.to).toEqual(['Bob <bob@x.example>']);
  });
});
