// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announcer } from '../../../src/app/announcer.svelte';
import { createApiReason, createReason, type Reason } from '../../../src/app/reasons';
import { session } from '../../../src/app/session.svelte';
import SignOutButton from '../../../src/components/upload/SignOutButton.svelte';
import { sumProgress } from '../../../src/upload/file/progress';
import type { UploadItem } from '../../../src/upload/file/item.svelte';
import { monitor, queue, signOut } from '../../../src/upload/queue/uploads.svelte';
import { createToken } from '../../fixtures';
import { Counter } from '../../reactive.svelte';

const DAMAGED = createApiReason({ code: 'truncated', detail: 'The file is cut off.' });
const REFUSED_BEFORE = createReason('refused-before', { code: 'too-many-pixels', detail: 'Too large.' });
const LOST_LINE = createReason('connection-lost');

let component: ReturnType<typeof mount>;
/** Photos under way. */
let active: Counter;

/** The list has one photo that is under way, and one with which nothing more happens. */
function show(name: 'failed' | 'rejected', reason: Reason): void {
  const item = { name: 'photo.jpg', size: 1, isStarted: true, isPast: false, newer: null, file: null };
  const items = [{ ...item, state: { name, reason } }] as unknown as UploadItem[];
  vi.spyOn(queue, 'items', 'get').mockReturnValue(items);
  vi.spyOn(queue, 'retryFailed').mockReturnValue();
  vi.spyOn(monitor, 'progress', 'get').mockImplementation(() => {
    return { ...sumProgress(items), active: active.count };
  });
  component = mount(SignOutButton, { target: document.body });
  signOut.answer('finish');
  flushSync();
}

function arrive(): void {
  active.count = 0;
  flushSync();
}

beforeEach(() => {
  active = new Counter();
  active.count = 1;
  // The list of other tests is nobody's.
  vi.spyOn(queue, 'resume').mockReturnValue();
  vi.spyOn(queue, 'suspend').mockReturnValue();
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 60 }));
  flushSync();
});

afterEach(async () => {
  signOut.answer('stay');
  signOut.dismiss();
  session.signOut();
  flushSync();
  await unmount(component);
  vi.restoreAllMocks();
});

it('reads out once what it waits for, and not with each photo that arrives', () => {
  const announce = vi.spyOn(announcer, 'announce').mockReturnValue();
  active.count = 3;
  show('failed', DAMAGED);
  active.count = 2;
  flushSync();
  expect(document.body.textContent).toContain('once 2 more photos have been uploaded.');
  expect(announce.mock.calls).toEqual([['You will be signed out once 3 more photos have been uploaded.']]);
  expect(document.querySelector('[role=status]')?.textContent).not.toContain('more photos');
});

it.each([
  ['failed', DAMAGED],
  ['rejected', DAMAGED],
  ['rejected', REFUSED_BEFORE],
] as const)('signs out once all others have arrived, and names what is %s for good (%o)', (name, reason) => {
  show(name, reason);
  expect(document.body.textContent).toContain('You will be signed out once 1 more photo has been uploaded.');
  expect(document.body.textContent).not.toContain('you are asked about it');
  expect(document.body.textContent?.includes('1 photo has failed for good')).toBe(name === 'failed');
  expect(session.owner).not.toBeNull();
  arrive();
  expect(signOut.isAsking).toBe(false);
  expect(session.owner).toBeNull();
  expect(signOut.outcome).toMatchObject({ kept: 0, lost: [{ name: 'photo.jpg', detail: reason.detail }] });
});

it('asks where what has failed may arrive after all', () => {
  show('failed', LOST_LINE);
  expect(document.body.textContent).toContain('1 photo has failed so far: you are asked about it before.');
  expect(document.body.textContent).not.toContain('for good');
  arrive();
  expect(signOut.isAsking).toBe(true);
  expect(session.owner).not.toBeNull();
});

it('leaves the focus on the heading where the button goes that was pressed', async () => {
  const page = document.createElement('div');
  page.dataset.page = 'signin';
  page.innerHTML = '<h1 tabindex="-1">You are signed in</h1>';
  document.body.prepend(page);
  show('failed', LOST_LINE);
  const press = (text: string): void => {
    const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === text);
    button?.focus();
    button?.click();
    flushSync();
  };
  const getFocused = () => document.activeElement?.tagName;
  press('Stay signed in');
  await vi.waitFor(() => expect(getFocused()).toBe('H1'));
  press('Sign out');
  expect([signOut.isAsking, getFocused()]).toEqual([true, 'BUTTON']);
  // They are signed out.
  await unmount(component);
  await vi.waitFor(() => expect(getFocused()).toBe('H1'));
  component = mount(SignOutButton, { target: document.body });
  page.remove();
});
