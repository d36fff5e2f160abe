// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session } from '../../../src/app/session.svelte';
import KeptNotice from '../../../src/components/upload/KeptNotice.svelte';
import { sumProgress } from '../../../src/upload/file/progress';
import { Choices } from '../../../src/upload/keeping/choices.svelte';
import type { KeptFiles } from '../../../src/upload/keeping/kept-files';
import type { QueueKeeper } from '../../../src/upload/keeping/queue-keeper.svelte';
import { monitor } from '../../../src/upload/queue/uploads.svelte';
import { reactive } from '../../reactive.svelte';
import { MemoryStore } from '../../upload/keeping/memory-store';

vi.mock('../../../src/upload/keeping/kept-files', () => ({
  KeptFilesLook: class {
    constructor(private readonly onfound: (found: KeptFiles) => void) {}

    look(): void {
      this.onfound({ count: 1, lost: 1, owners: new Set(['alice']) });
    }
  },
}));

let component: ReturnType<typeof mount>;

beforeEach(() => {
  document.body.innerHTML = '<div data-page="upload"><h1 tabindex="-1">Upload photos</h1></div>';
  const choices = new Choices(new MemoryStore(), 'page', () => null);
  const left = { page: 'page', total: 302, recorded: 12, folder: 'trip', chosen: 1 };
  choices.left = [
    { ...left, id: '1', owner: null },
    { ...left, id: '2', owner: 'bob', total: 20 },
  ];
  const keeper = reactive({
    choices,
    restored: 1,
    locked: 1,
    unlock: async () => void (keeper.locked = 0),
  });
  monitor.keeper = keeper as unknown as QueueKeeper;
  // Other files share this module, and may have left somebody signed in.
  vi.spyOn(session, 'owner', 'get').mockReturnValue(null);
  vi.spyOn(monitor, 'progress', 'get').mockReturnValue({ ...sumProgress([]), active: 1 });
  component = mount(KeptNotice, { target: document.body });
  flushSync();
});
afterEach(async () => {
  await unmount(component);
  monitor.keeper = null;
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

it.each(['Dismiss', 'Go on'])(
  'puts the focus on the heading where the notice goes with “%s”',
  async (name) => {
    const button = [...document.querySelectorAll('button')].find(
      (each) => (each.getAttribute('aria-label') ?? each.textContent?.trim()) === name,
    );
    button?.focus();
    button?.click();
    await vi.waitFor(() => expect(button?.isConnected).toBe(false));
    await vi.waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
  },
);

it('says of one photo what becomes of it once somebody signs in', async () => {
  const read = () => document.body.textContent?.replace(/\s+/g, ' ');
  await vi.waitFor(() =>
    expect(read()).toContain(
      '1 photo waits for your sign-in. It is in the list again once whoever chose it signs in. It has to be chosen again then',
    ),
  );
});

it('says what was left of a choice to whoever has chosen it, until it is dismissed', async () => {
  const notice = [...document.querySelectorAll('[role=status]')].find(({ textContent }) =>
    textContent.includes('302 photos were chosen.'),
  );
  expect(document.body.textContent).not.toMatch('20 photos');
  const button = notice?.querySelector('button');
  expect(button?.getAttribute('aria-label')).toBe('Dismiss');
  button?.focus();
  button?.click();
  await vi.waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
  expect(document.body.textContent).not.toMatch('302 photos');
});
