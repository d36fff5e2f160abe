// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';

it('loads what asks for results again before the network goes', async () => {
  const load = vi.fn(() => ({ Refresh: class {} }));
  vi.doMock('../../src/search/refresh.svelte', load);
  await import('../../src/routes/offline');
  await vi.waitFor(() => expect(load).toHaveBeenCalled());
});
