/** What this page deletes of My pictures: it goes on while somebody looks at other pages, and ends with their sign-in. */
import { untrack } from 'svelte';
import { session } from '../../app/session.svelte';
import { leftToDelete } from '../deletion/left-to-delete';
import { Removal } from '../deletion/removal.svelte';
import { deletions } from './library';
import { undo } from './undo.svelte';

export const removal = new Removal(deletions, (ids) => undo.countRestorable(ids));
leftToDelete.count = () => removal.left.size;

let lastOwner = session.owner;
$effect.root(() => {
  $effect(() => {
    const owner = session.token === null ? null : session.owner;
    if (owner === lastOwner) return;
    lastOwner = owner;
    untrack(() => removal.forget());
  });
});
