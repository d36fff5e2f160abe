// @vitest-environment happy-dom
import { flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { OnDemand } from '../../../src/app/on-demand.svelte';
import Icon from '../../../src/components/controls/Icon.svelte';
import PageOnDemand from '../../../src/components/notices/PageOnDemand.svelte';

type Loaded = { default: Component<Record<string, unknown>> };

let component: Record<string, unknown> | null = null;

afterEach(async () => {
  if (component !== null) await unmount(component);
  component = null;
  vi.restoreAllMocks();
});

const settle = async (): Promise<void> => {
  await vi.waitFor(() => undefined);
  await new Promise((resolve) => setTimeout(resolve));
  flushSync();
};

it('loads a page that has failed again once the connection is back', async () => {
  const fetchPage = vi.fn<() => Promise<Loaded>>();
  fetchPage.mockRejectedValueOnce(new TypeError());
  fetchPage.mockResolvedValue({ default: Icon as unknown as Loaded['default'] });
  component = mount(PageOnDemand, {
    target: document.body,
    props: { page: new OnDemand(fetchPage), props: { name: 'image' } },
  });
  await settle();
  expect(document.body.textContent).toContain('This page could not be loaded.');
  dispatchEvent(new Event('online'));
  await settle();
  expect(document.body.textContent).not.toContain('could not be loaded');
  expect(document.querySelector('svg')).not.toBeNull();
});

it('loads the whole page where a page has failed before, and fails again with a connection', async () => {
  const page = new OnDemand(vi.fn<() => Promise<Loaded>>().mockRejectedValue(new TypeError()));
  await page.load().catch(() => undefined);
  const reload = vi.spyOn(location, 'reload').mockReturnValue();
  component = mount(PageOnDemand, { target: document.body, props: { page, props: {} } });
  await settle();
  expect(reload).toHaveBeenCalledOnce();
});
