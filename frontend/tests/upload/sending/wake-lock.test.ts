import { expect, it } from 'vitest';
import { WakeLock } from '../../../src/upload/sending/wake-lock';

/** A browser with one page, which counts the locks that it has given and that have been released. */
function create(isRefusing = false) {
  const screen = { given: 0, released: 0, isVisible: true };
  const lock = new WakeLock({
    request: async () => {
      screen.given += 1;
      if (isRefusing) throw new DOMException('The battery is low.', 'NotAllowedError');
      return { release: async () => void (screen.released += 1) };
    },
    isVisible: () => screen.isVisible,
  });
  return { screen, lock };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it('holds one lock while files are sent, and none before and after', async () => {
  const { screen, lock } = create();
  lock.want(false);
  expect(screen.given).toBe(0);
  lock.want(true);
  lock.want(true);
  await settle();
  expect(screen).toMatchObject({ given: 1, released: 0 });
  lock.want(false);
  await settle();
  expect(screen).toMatchObject({ given: 1, released: 1 });
});

it('asks again when the page is to be seen again, as hiding it has ended the lock', async () => {
  const { screen, lock } = create();
  lock.want(true);
  await settle();
  screen.isVisible = false;
  lock.handleVisibility();
  await settle();
  screen.isVisible = true;
  lock.handleVisibility();
  await settle();
  expect(screen).toMatchObject({ given: 2, released: 1 });
});

it('waits with it until the page is to be seen, and asks no more once nothing is sent', async () => {
  const { screen, lock } = create();
  screen.isVisible = false;
  lock.want(true);
  expect(screen.given).toBe(0);
  lock.want(false);
  screen.isVisible = true;
  lock.handleVisibility();
  await settle();
  expect(screen.given).toBe(0);
});

it('releases a lock that comes only when it is no longer wanted', async () => {
  const { screen, lock } = create();
  lock.want(true);
  lock.want(false);
  await settle();
  expect(screen).toMatchObject({ given: 1, released: 1 });
});

it('takes a refusal for no error', async () => {
  const { screen, lock } = create(true);
  lock.want(true);
  await settle();
  lock.want(false);
  lock.want(true);
  await settle();
  expect(screen.given).toBe(2);
});
