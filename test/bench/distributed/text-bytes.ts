import { openDeployment, readConfig } from '#app';
import { searchColumns } from '#search';

/** Bytes of all text that is searchable in an archive of one process, as its analyzer left it. */
export async function textBytesOf(archive: string): Promise<number> {
  await using deployment = await openDeployment(readConfig({}, `file:${archive}`), { create: false });
  await deployment.recorder.catchUp();
  let bytes = 0;
  for (const { sequence } of deployment.catalog.messages.range()) {
    const indexed = await deployment.index.document(sequence);
    for (const column of searchColumns) bytes += Buffer.byteLength(indexed?.document.columns[column] ?? '');
  }
  return bytes;
}
