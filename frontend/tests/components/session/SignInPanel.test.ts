// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import * as apiModule from '../../../src/app/api';
import { signIn } from '../../../src/app/sign-in.svelte';
import SignInPanel from '../../../src/components/session/SignInPanel.svelte';

let component: ReturnType<typeof mount>;

afterEach(() => void unmount(component));

it('says above the field what is wrong with a link, in a text that describes the field', async () => {
  vi.spyOn(apiModule, 'getConfig').mockReturnValue(new Promise(() => undefined));
  component = mount(SignInPanel, { target: document.body, props: { lead: '' } });
  await signIn.submit('abc', false);
  flushSync();
  const field = document.querySelector('#signin-link');
  const problem = document.querySelector('#signin-problem [role=alert]');
  expect(problem?.textContent).toContain('is not complete');
  expect(problem?.compareDocumentPosition(field as Node)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  expect(field?.getAttribute('aria-describedby')).toBe('signin-problem');
});
