/** What a file says about its picture. It is loaded on demand, into the worker that hashes files. */
import { readBlocks } from './blocks';
import { saysAnything, type Embedded } from './embedded';
import { reconcile } from './reconcile';

/** What the first bytes of a file say; null where they say nothing that can be read. */
export async function readEmbedded(head: ArrayBuffer): Promise<Embedded | null> {
  try {
    const embedded = reconcile(await readBlocks(head));
    return saysAnything(embedded) ? embedded : null;
  } catch {
    // The library judges the file; what it says there is no reason not to upload it.
    return null;
  }
}
