// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import '../../resize';
import { NetworkError } from '../../../src/api/errors';
import { foot } from '../../../src/app/foot';
import { contributorApi } from '../../../src/app/contributor-api';
import { router } from '../../../src/app/router.svelte';
import { session } from '../../../src/app/session.svelte';
import { removal } from '../../../src/manage/library/removal.svelte';
import { createToken } from '../../fixtures';

afterEach(() => {
  session.signOut();
  flushSync();
  foot.remove();
  vi.restoreAllMocks();
});

it('says at the foot of the screen that a deletion waits, also where My pictures comes before the other notices', async () => {
  vi.spyOn(contributorApi, 'deleteImages').mockRejectedValue(new NetworkError());
  session.signIn(createToken({ sub: 'alice', scope: 'upload', exp: Date.now() / 1000 + 600 }));
  flushSync();
  await import('../../../src/components/manage/pending-on-other-pages');
  await import('../../../src/routes/foot-notices.svelte');
  // Other tests of the same process may have emptied the page, or left it at My pictures.
  document.body.append(foot);
  await router.go('/');
  void removal.delete(['a'], new Map());
  await vi.waitFor(() => expect(document.body.textContent).toContain('The deletion goes on by itself'));
  expect(document.querySelectorAll('.notices')).toHaveLength(1);
  expect(document.querySelector('.notices')?.textContent).toContain('The deletion goes on by itself');
});
