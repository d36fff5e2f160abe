/** The management of pictures in this page: its modules with the API, the session and the clock of the page. */
import type { Image } from '../../api/types';
import { getConfig } from '../../app/api';
import { contributorApi } from '../../app/contributor-api';
import { serverClock } from '../../app/clock';
import { KEPT_DELETION, KEPT_EDIT } from '../../app/kept-undo';
import { Now } from '../../app/now.svelte';
import { session } from '../../app/session.svelte';
import { pictureChanges } from '../../pictures/picture-changes.svelte';
import { Deletions, isDeletion } from '../deletion/deletions.svelte';
import type { EditApi } from '../edit/save-edit';
import { Rights } from '../rights/rights';
import { Edits, isUndoableEdit } from '../undo/edits.svelte';
import { KeptAct } from '../undo/kept-act';

/** What “Undo” is about is the act that was asked for last, whichever it was. */
export const edits = new Edits({
  api: contributorApi,
  changes: pictureChanges,
  clock: serverClock,
  getOwner: () => session.owner,
  getSeconds: async () => (await getConfig()).restore_seconds,
  onoffer: (request) => deletions.giveWay(request),
  kept: new KeptAct(sessionStorage, KEPT_EDIT, isUndoableEdit),
});

export const deletions = new Deletions({
  api: contributorApi,
  changes: pictureChanges,
  clock: serverClock,
  getOwner: () => session.owner,
  onoffer: (request) => edits.giveWay(request),
  kept: new KeptAct(sessionStorage, KEPT_DELETION, isDeletion),
});

/** For “n minutes left”. */
export const now = new Now(serverClock, 5000);

export const editApi: EditApi = {
  editImage: (id, changes, revision) => contributorApi.editImage(id, changes, revision),
  getCurrentImage,
};

/** An owner's uploads are answered past every cache; a picture of somebody else is not among them. */
export async function getCurrentImage(id: string): Promise<Image> {
  const [upload] = await contributorApi.listUploadsById([id]);
  return upload?.image ?? contributorApi.reloadImage(id);
}

let known: { token: string | null; rights: Rights } | null = null;

/** The rights of whoever is signed in. */
export function getRights(): Rights {
  const { token, claims } = session;
  if (known === null || known.token !== token) {
    known = { token, rights: new Rights(contributorApi, claims?.scopes ?? []) };
  }
  return known.rights;
}
