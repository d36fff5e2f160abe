import { expect, it } from 'vitest';
import { LatestLook } from '../../../src/upload/keeping/latest-look';

it('drops an answer that comes after that of a later question', async () => {
  const resolvers: ((answer: string) => void)[] = [];
  const told: string[] = [];
  const latest = new LatestLook(
    () => new Promise<string>((resolve) => resolvers.push(resolve)),
    (answer) => told.push(answer),
  );
  const looks = [latest.look(), latest.look()];
  resolvers[1]?.('second');
  await looks[1];
  resolvers[0]?.('first');
  await looks[0];
  expect(told).toEqual(['second']);
});

it('keeps the last answer where the next question fails', async () => {
  const told: string[] = [];
  let isForbidden = false;
  const latest = new LatestLook(
    async () => {
      if (isForbidden) throw new DOMException('It is forbidden.', 'SecurityError');
      return 'first';
    },
    (answer) => told.push(answer),
  );
  await latest.look();
  isForbidden = true;
  await latest.look();
  expect(told).toEqual(['first']);
});
