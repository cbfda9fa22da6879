import { z } from 'zod';

/** One line of JSON each way: the client asks once, the holder of the archive answers until `exit`. */
export const controlRequest = z.strictObject({
  command: z.string(),
  input: z.unknown(),
  json: z.boolean(),
});

export type ControlRequest = z.infer<typeof controlRequest>;

export const controlReply = z.discriminatedUnion('kind', [
  /** Comes first, before anything is run: who has not got it may ask again. */
  z.strictObject({ kind: z.literal('taken') }),
  z.strictObject({ kind: z.literal('result'), value: z.looseObject({}), text: z.string() }),
  z.strictObject({ kind: z.literal('bytes'), base64: z.string() }),
  z.strictObject({ kind: z.literal('note'), text: z.string() }),
  z.strictObject({
    kind: z.literal('progress'),
    what: z.string(),
    done: z.number(),
    total: z.number().optional(),
    bytes: z.number().optional(),
    bytesTotal: z.number().optional(),
  }),
  z.strictObject({ kind: z.literal('exit'), code: z.int() }),
]);

export type ControlReply = z.infer<typeof controlReply>;

/** The largest request: a query may have 100 kB. */
export const requestBytesMax = 1024 * 1024;
