import { expect, it } from 'vitest';
import { EarlyAnswers } from '../../src/api/early-answers';

const PATH = '/api/images?limit=50';

function create(): { early: EarlyAnswers; asked: string[]; clock: { now: number } } {
  const asked: string[] = [];
  const clock = { now: 0 };
  const early = new EarlyAnswers({
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(new Response('{}'));
    },
    now: () => clock.now,
    first: undefined,
  });
  return { early, asked, clock };
}

it('answers the first request for a path, and no other', () => {
  const { early, asked } = create();
  const answer = early.ask(PATH);
  expect(early.take('/api/images?limit=5')).toBeNull();
  expect(early.take(PATH, { method: 'POST' })).toBeNull();
  expect(early.take(PATH)).toBe(answer);
  expect(early.take(PATH)).toBeNull();
  expect(asked).toEqual([PATH]);
});

it('answers nobody who has a token: they may see more', () => {
  const { early } = create();
  void early.ask(PATH);
  expect(early.take(PATH, { headers: { Authorization: 'Bearer token' } })).toBeNull();
});

it('answers nobody who asks late', () => {
  const { early, clock } = create();
  void early.ask(PATH);
  clock.now = 20_000;
  expect(early.take(PATH)).toBeNull();
});

it('leaves a failure to whoever takes the answer', async () => {
  const early = new EarlyAnswers({
    fetch: () => Promise.reject(new TypeError('offline')),
    now: () => 0,
    first: undefined,
  });
  void early.ask(PATH).catch(() => undefined);
  await expect(early.take(PATH)).rejects.toThrow('offline');
});

it('takes what index.html has asked for, once', () => {
  const answer = Promise.resolve(new Response('{}'));
  const asked: string[] = [];
  const early = new EarlyAnswers({
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(new Response('{}'));
    },
    now: () => 0,
    first: { path: PATH, answer },
  });
  expect(early.ask(PATH)).toBe(answer);
  expect(early.ask(PATH)).not.toBe(answer);
  expect(asked).toEqual([PATH]);
});

it('asks itself for another path than index.html', async () => {
  const { early, asked } = create();
  void early.ask('/api/images?limit=50&q=sea');
  expect(asked).toEqual(['/api/images?limit=50&q=sea']);
  early.noteHandled();
  await early.handled;
});
