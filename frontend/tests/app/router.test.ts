// @vitest-environment happy-dom
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resize } from '../resize';
import { router } from '../../src/app/router.svelte';

let isFollowed = false;

// The router's listener is older, so this one sees what the router has done, and keeps the browser from following.
addEventListener('click', (event) => {
  isFollowed = event.defaultPrevented;
  event.preventDefault();
});

beforeEach(async () => {
  document.body.innerHTML = '';
  await router.go('/');
});

/** Clicks the innermost element. */
function click(html: string, init: MouseEventInit = {}): void {
  document.body.innerHTML = html;
  const target = document.querySelector('img') ?? document.querySelector('a');
  target?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }));
}

describe('router', () => {
  it('follows a link within the page', () => {
    click('<a href="/picture/A?x=1"><img alt=""></a>');
    expect(isFollowed).toBe(true);
    expect(router.route).toEqual({ name: 'picture', id: 'A' });
    expect(router.queryString).toBe('?x=1');
    expect(router.state).toEqual({ depth: 1 });
  });

  it('remembers the search from which a picture was opened', () => {
    click('<a href="/picture/A" data-search="/?q=sea">A</a>');
    expect(router.state).toEqual({ search: '/?q=sea', depth: 1 });
  });

  it('counts how far the search is behind a picture that another picture has led to', async () => {
    await router.go('/?q=sea');
    click('<a href="/p/A" data-search="/?q=sea">A</a>');
    click('<a href="/p/B" data-search="/?q=sea">B</a>');
    expect(router.state).toEqual({ search: '/?q=sea', depth: 2 });
    click('<a href="/p/C" data-search="/?q=wood">C</a>');
    expect(router.state).toEqual({ search: '/?q=wood', depth: 1 });
  });

  it('has no page behind a picture whose link was opened first', async () => {
    await router.go('/p/A');
    click('<a href="/p/B">B</a>');
    expect(router.state).toEqual({});
    click('<a href="/upload">Upload</a>');
    expect(router.state).toEqual({});
  });

  it('goes back, and tells when the earlier page is shown', async () => {
    const go = vi.spyOn(history, 'go').mockImplementation(() => {
      history.replaceState({}, '', '/?q=sea');
      queueMicrotask(() => dispatchEvent(new PopStateEvent('popstate')));
    });
    click('<a href="/p/A" data-search="/?q=sea">A</a>');
    await router.back(1);
    expect(go).toHaveBeenCalledWith(-1);
    expect(router.route).toEqual({ name: 'search' });
    go.mockRestore();
  });

  it('goes back once more for whoever asks for that because of what is shown now', async () => {
    const traverse = (address: string) => {
      history.replaceState({}, '', address);
      dispatchEvent(new PopStateEvent('popstate'));
    };
    const go = vi.spyOn(history, 'go').mockImplementation(() => undefined);
    let isBack = false;
    traverse('/p/B');
    void router.back(1).then(() => (isBack = true));
    await new Promise((resolve) => setTimeout(resolve));
    expect(isBack).toBe(false);
    traverse('/p/A');
    await vi.waitFor(() => expect(isBack).toBe(true));
    go.mockRestore();
  });

  it.each([{ metaKey: true }, { ctrlKey: true }, { shiftKey: true }, { altKey: true }, { button: 1 }])(
    'leaves a click with %j to the browser',
    (init) => {
      click('<a href="/upload">A</a>', init);
      expect(isFollowed).toBe(false);
    },
  );

  it.each([
    '<a href="https://elsewhere.test/upload">A</a>',
    '<a href="/upload" target="_blank">A</a>',
    '<a href="/upload" download>A</a>',
    '<a href="/upload#part">A</a>',
    '<a href="/i/A/v1/720p.jpg">A</a>',
    '<a href="/api/config">A</a>',
    '<a>A</a>',
  ])('leaves %s to the browser', (html) => {
    click(html);
    expect(isFollowed).toBe(false);
  });

  it('puts the focus on the heading of the new page', async () => {
    document.body.innerHTML = '<div data-page="upload"><h1 tabindex="-1">Upload</h1></div>';
    await router.go('/upload');
    expect(document.activeElement?.textContent).toBe('Upload');
  });

  it('puts the focus on the heading after “Back”, when the focus was on what is hidden now', async () => {
    document.body.innerHTML =
      '<div data-page="search" hidden><a href="/p/A">A</a></div>' +
      '<div data-page="picture"><h1 tabindex="-1">A</h1><button>B</button></div>';
    document.querySelector('a')?.focus();
    dispatchEvent(new PopStateEvent('popstate'));
    await vi.waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
    // Whatever has the focus on the page that is shown keeps it.
    document.querySelector('button')?.focus();
    dispatchEvent(new PopStateEvent('popstate'));
    await tick();
    await tick();
    await tick();
    expect(document.activeElement?.textContent).toBe('B');
  });

  it.each(['//elsewhere.test/x', '\\\\elsewhere.test/x', '/\\elsewhere.test/x', '/\t/elsewhere.test/x'])(
    'keeps %s on this site',
    async (address) => {
      await router.go(address);
      expect(location.href).toBe(`${location.origin}/elsewhere.test/x`);
    },
  );

  it('follows a link whose path looks like a host, on this site', () => {
    click(`<a href="${location.origin}//elsewhere.test/x">A</a>`);
    expect(isFollowed).toBe(true);
    expect(location.href).toBe(`${location.origin}/elsewhere.test/x`);
  });

  describe('that comes back to a place far down', () => {
    let height = 0;
    beforeEach(() => {
      height = 1000;
      vi.spyOn(document.documentElement, 'scrollHeight', 'get').mockImplementation(() => height);
      vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
      vi.stubGlobal('innerHeight', 800);
      history.replaceState({ scroll: 5000 }, '', '/');
    });
    afterEach(() => {
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    });

    async function comeBack(): Promise<void> {
      dispatchEvent(new PopStateEvent('popstate'));
      await tick();
      await tick();
    }

    function grow(to: number): void {
      height = to;
      resize();
    }

    it('scrolls on while the list grows, until it is there', async () => {
      await comeBack();
      grow(3000);
      grow(6000);
      grow(9000);
      expect(vi.mocked(scrollTo).mock.calls).toEqual([
        [0, 5000],
        [0, 5000],
        [0, 5000],
      ]);
    });

    it('stays where somebody scrolls to meanwhile', async () => {
      await comeBack();
      dispatchEvent(new Event('wheel'));
      grow(6000);
      expect(scrollTo).toHaveBeenCalledOnce();
    });

    it('keeps the place while it is not there yet', async () => {
      await comeBack();
      dispatchEvent(new Event('pagehide'));
      expect(history.state).toMatchObject({ scroll: 5000 });
    });
  });

  describe('with a form that has unsaved changes', () => {
    let asked: (() => void)[] = [];
    let release: () => void;

    beforeEach(async () => {
      await router.go('/uploads');
      asked = [];
      release = router.guard((proceed) => asked.push(proceed));
    });
    afterEach(() => release());

    function leave(): Event {
      const event = new Event('beforeunload', { cancelable: true });
      dispatchEvent(event);
      return event;
    }

    it('stays until somebody wants to go on', async () => {
      await router.go('/upload');
      expect(router.path).toBe('/uploads');
      asked[0]?.();
      expect(router.path).toBe('/upload');
    });

    it('puts the page back that the browser has left, and goes on from there', async () => {
      history.replaceState({ search: '/?q=sea' }, '', '/picture/A');
      dispatchEvent(new PopStateEvent('popstate'));
      expect(location.pathname).toBe('/uploads');
      expect(router.path).toBe('/uploads');
      asked[0]?.();
      expect(location.pathname).toBe('/picture/A');
      expect(router.state).toMatchObject({ search: '/?q=sea' });
    });

    it('asks before the tab is closed, and no longer once the changes are saved', async () => {
      expect(leave().defaultPrevented).toBe(true);
      release();
      expect(leave().defaultPrevented).toBe(false);
      await router.go('/upload');
      expect(router.path).toBe('/upload');
      expect(asked).toEqual([]);
    });
  });
});
