// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { OnDemand } from '../../src/app/on-demand.svelte';

it('is loaded once, when it is needed first', async () => {
  const fetchPart = vi.fn(() => Promise.resolve('part'));
  const onDemand = new OnDemand(fetchPart);
  expect(fetchPart).not.toHaveBeenCalled();
  expect(onDemand.part).toBeNull();
  onDemand.prefetch();
  expect(await onDemand.load()).toBe('part');
  expect(await onDemand.load()).toBe('part');
  expect(onDemand.part).toBe('part');
  expect(fetchPart).toHaveBeenCalledOnce();
});

it('is loaded again after a failure, of which a prefetch says nothing', async () => {
  const fetchPart = vi.fn(() => Promise.reject(new Error('offline')));
  const onDemand = new OnDemand<string>(fetchPart as () => Promise<string>);
  onDemand.prefetch();
  await vi.waitFor(() => expect(onDemand.hasFailed).toBe(true));
  await expect(onDemand.load()).rejects.toThrow('offline');
  (fetchPart as unknown as ReturnType<typeof vi.fn>).mockResolvedValue('part');
  expect(await onDemand.load()).toBe('part');
  expect(onDemand.hasFailed).toBe(false);
});

it('is loaded for later when the network is back, and else not again and again', async () => {
  vi.useFakeTimers();
  const fetchPart = vi.fn<() => Promise<string>>(() => Promise.reject(new Error('offline')));
  const onDemand = new OnDemand(fetchPart);
  onDemand.prefetch();
  await vi.waitFor(() => expect(onDemand.hasFailed).toBe(true));
  for (let tile = 0; tile < 100; tile += 1) onDemand.prefetch();
  expect(fetchPart).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_001);
  onDemand.prefetch();
  await vi.waitFor(() => expect(onDemand.hasFailed).toBe(true));
  expect(fetchPart).toHaveBeenCalledTimes(2);
  fetchPart.mockResolvedValue('part');
  dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(onDemand.part).toBe('part'));
  expect(fetchPart).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
});
