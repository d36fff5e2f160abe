// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as apiModule from '../../../src/app/api';
import { session } from '../../../src/app/session.svelte';
import { signIn, type Verdict } from '../../../src/app/sign-in.svelte';
import SignInPanel from '../../../src/components/session/SignInPanel.svelte';
import SignInPage from '../../../src/routes/SignInPage.svelte';
import { createToken } from '../../fixtures';

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

it.each([-1e13, 1e300])('names no day on which a token ran out at %d', async (exp) => {
  vi.spyOn(apiModule, 'getConfig').mockReturnValue(new Promise(() => undefined));
  const { ports } = signIn as unknown as { ports: { verify: () => Promise<Verdict> } };
  vi.spyOn(ports, 'verify').mockResolvedValue({ name: 'refused', problem: 'expired' });
  component = mount(SignInPanel, { target: document.body, props: { lead: '' } });
  await signIn.submit(createToken({ sub: 'bob', exp }), false);
  flushSync();
  expect(document.querySelector('#signin-problem')?.textContent).toContain('This sign-in link ran out. Ask');
});

describe('once its person is signed in', () => {
  let verdict: Verdict;

  beforeEach(async () => {
    // Another test of this process may have left somebody signed in.
    session.signIn(createToken({ sub: 'bob', exp: Date.now() / 1000 + 600 }));
    session.signOut();
    vi.spyOn(apiModule, 'getConfig').mockReturnValue(new Promise(() => undefined));
    await import('../../../src/app/router.svelte');
    vi.spyOn(
      (signIn as unknown as { ports: { verify: () => Promise<Verdict> } }).ports,
      'verify',
    ).mockImplementation(async () => verdict);
    verdict = { name: 'accepted' };
    document.body.innerHTML = '<div data-page="signin"></div>';
    const page = document.querySelector('[data-page]');
    if (page === null) throw new Error('There is no page.');
    component = mount(SignInPage, { target: page });
    flushSync();
    type(`https://example.org/#token=${createToken({ sub: 'alice', exp: Date.now() / 1000 + 600 })}`);
  });
  afterEach(() => {
    document.body.replaceChildren();
    session.signOut();
    signIn.dismiss();
    vi.restoreAllMocks();
  });

  function type(text: string): void {
    const field = document.querySelector<HTMLInputElement>('#signin-link');
    if (field === null) throw new Error('There is no field.');
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
  }

  function submit(): void {
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  }

  it('gives the focus to the heading of what is shown then', async () => {
    submit();
    await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('You are signed in'));
  });

  it('does so also where no answer came at first', async () => {
    verdict = { name: 'unanswered', detail: 'No answer.', retryAfter: null };
    submit();
    await vi.waitFor(() => {
      flushSync();
      expect(document.body.textContent).toContain('Try now');
    });
    verdict = { name: 'accepted' };
    const button = [...document.querySelectorAll('button')].find(
      ({ textContent }) => textContent === 'Try now',
    );
    button?.focus();
    button?.click();
    await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('You are signed in'));
  });

  it('takes the focus from nobody who has gone on', async () => {
    const field = document.createElement('input');
    document.body.append(field);
    submit();
    field.focus();
    await vi.waitFor(() => expect(document.querySelector('h1')?.textContent).toBe('You are signed in'));
    await new Promise((resolve) => setTimeout(resolve));
    expect(document.activeElement).toBe(field);
  });
});
