import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { takeSharedFiles } from '../src/upload/selection/shared-files';
import { listFiles, makeWorker } from '../vite/offline';

const SOURCE = readFileSync('offline/worker.js', 'utf8');
const ORIGIN = 'https://photos.example';
const FILES = {
  shell: ['/assets/index-1a2b.js', '/theme.js'],
  contributors: ['/assets/upload-1a2b.js'],
  texts: { de: ['/assets/translator-1a2b.js', '/assets/index-1a2b.de.js'] },
};
const PAGE = '<script src="/assets/index-1a2b.js"></script>';

type Stored = Map<string, Response>;

/** The browser's caches, as far as the worker uses them. */
class FakeCaches {
  readonly stored = new Map<string, Stored>();
  /** Files that a cache takes at most. */
  space = Infinity;
  constructor(private readonly fetchAny: (path: string) => Promise<Response>) {}
  has = (name: string) => Promise.resolve(this.stored.has(name));
  keys = () => Promise.resolve([...this.stored.keys()]);
  delete = (name: string) => Promise.resolve(this.stored.delete(name));
  open = (name: string) => {
    const files: Stored = this.stored.get(name) ?? new Map<string, Response>();
    this.stored.set(name, files);
    return Promise.resolve({
      match: (path: string | Request) =>
        Promise.resolve(files.get(typeof path === 'string' ? path : new URL(path.url).pathname)?.clone()),
      put: (path: string, answer: Response) => {
        if (files.size >= this.space) return Promise.reject(new DOMException('full', 'QuotaExceededError'));
        return Promise.resolve(void files.set(path, answer));
      },
      delete: (path: string | Request) =>
        Promise.resolve(files.delete(typeof path === 'string' ? path : new URL(path.url).pathname)),
      keys: () => Promise.resolve([...files.keys()].map((path) => new Request(ORIGIN + path))),
      addAll: async (paths: string[]) => {
        for (const path of paths) {
          const answer = await this.fetchAny(path);
          if (!answer.ok) throw new TypeError('not ok');
          files.set(path, answer);
        }
      },
    });
  };
}

interface Asked {
  method?: string;
  mode?: string;
  path: string;
  preloaded?: Response;
  form?: FormData;
  referrer?: string;
}

/** A worker in a browser whose network gives `answers` by path; without a network while `isOffline`. */
class FakeBrowser {
  readonly answers = new Map<string, string>([
    ['/index.html', PAGE],
    ['/assets/index-1a2b.js', 'index'],
    ['/assets/upload-1a2b.js', 'upload'],
    ['/assets/translator-1a2b.js', 'translator'],
    ['/assets/index-1a2b.de.js', 'Texte'],
    ['/theme.js', 'theme'],
    ['/api/config', '{}'],
    ['/uploads', 'the page of the network'],
  ]);
  readonly asked: string[] = [];
  readonly caches = new FakeCaches((path) => this.fetch(path));
  readonly told: unknown[] = [];
  isOffline = false;
  readonly #listeners = new Map<string, (event: object) => void>();

  start(files = FILES, page = PAGE): void {
    const self = {
      addEventListener: (name: string, listener: (event: object) => void) =>
        this.#listeners.set(name, listener),
      skipWaiting: () => Promise.resolve(),
      clients: { claim: () => Promise.resolve() },
      registration: { navigationPreload: { enable: () => Promise.resolve() } },
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    new Function('self', 'caches', 'fetch', 'location', makeWorker(SOURCE, files, page))(
      self,
      this.caches,
      this.fetch,
      new URL(ORIGIN),
    );
  }

  fetch = (asked: string | { url: string }): Promise<Response> => {
    const path = typeof asked === 'string' ? asked : new URL(asked.url).pathname;
    this.asked.push(path);
    if (this.isOffline) return Promise.reject(new TypeError('no network'));
    const text = this.answers.get(path);
    return Promise.resolve(new Response(text ?? 'none', { status: text === undefined ? 404 : 200 }));
  };

  /** Answers to the client are in `told`. */
  async tell(name: string, data?: unknown, client = ''): Promise<void> {
    let wait: Promise<unknown> = Promise.resolve();
    const source = { id: client, postMessage: (answer: unknown) => this.told.push(answer) };
    this.#listeners.get(name)?.({ data, source, waitUntil: (promise: Promise<unknown>) => (wait = promise) });
    await wait;
  }

  /** The worker's answer; null where it leaves the request to the browser. */
  async ask({
    method = 'GET',
    mode = 'cors',
    path,
    preloaded,
    form,
    referrer,
  }: Asked): Promise<Response | null> {
    let answer: Promise<Response> | null = null;
    const url = path.startsWith('/') ? ORIGIN + path : path;
    this.#listeners.get('fetch')?.({
      request: {
        method,
        mode,
        url,
        referrer,
        formData: () =>
          form === undefined ? Promise.reject(new TypeError('no form')) : Promise.resolve(form),
      },
      preloadResponse: Promise.resolve(preloaded),
      resultingClientId: path,
      respondWith: (given: Promise<Response>) => (answer = given),
    });
    return answer;
  }

  async install(files = FILES, page = PAGE): Promise<void> {
    this.start(files, page);
    await this.tell('install');
    await this.tell('activate');
  }
}

it('shows the stored page without a network, for every path of it', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  browser.isOffline = true;
  for (const path of ['/', '/uploads', '/p/1KXJ7Q0M3V8YA', '/nowhere?q=sea']) {
    const answer = await browser.ask({ mode: 'navigate', path });
    expect(await answer?.text()).toBe(PAGE);
  }
  await browser.tell('message', 'is-copy', '/uploads');
  await browser.tell('message', 'is-copy', '/upload');
  expect(browser.told).toEqual(['copy']);
  const script = await browser.ask({ path: '/assets/index-1a2b.js' });
  expect(await script?.text()).toBe('index');
  expect(await (await browser.ask({ path: '/theme.js' }))?.text()).toBe('theme');
});

it('shows the page of the network where there is one, also a 404', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  expect(await (await browser.ask({ mode: 'navigate', path: '/uploads' }))?.text()).toBe(
    'the page of the network',
  );
  expect((await browser.ask({ mode: 'navigate', path: '/nowhere' }))?.status).toBe(404);
  const preloaded = new Response('asked for before the worker has started');
  expect(await browser.ask({ mode: 'navigate', path: '/', preloaded })).toBe(preloaded);
});

it('leaves everything else to the browser, and stores nothing of it', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  for (const path of [
    '/api/images',
    '/api/uploads',
    '/i/1/v1/720p.jpg',
    '/assets/other-3c4d.js',
    '/feed.atom',
  ]) {
    expect(await browser.ask({ path })).toBeNull();
  }
  for (const path of ['/api/openapi.json', '/api/images', '/feed.atom', '/i/1/v1/720p.jpg']) {
    expect(await browser.ask({ mode: 'navigate', path })).toBeNull();
  }
  expect(await browser.ask({ method: 'POST', path: '/api/uploads' })).toBeNull();
  expect(await browser.ask({ path: 'https://other.example/theme.js' })).toBeNull();
  await browser.ask({ mode: 'navigate', path: '/uploads' });
  const [[, files] = []] = [...browser.caches.stored];
  expect([...(files?.keys() ?? [])].sort()).toEqual(['/assets/index-1a2b.js', '/index.html', '/theme.js']);
});

it('stores what uploads need when it is told that there may be some', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await browser.tell('message', 'uploads');
  const count = browser.asked.length;
  await browser.tell('message', 'uploads');
  expect(browser.asked).toHaveLength(count);
  browser.isOffline = true;
  expect(await (await browser.ask({ path: '/assets/upload-1a2b.js' }))?.text()).toBe('upload');
  expect(await (await browser.ask({ path: '/api/config' }))?.text()).toBe('{}');
});

it('stores the texts of the language that it is told, and of no other', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await browser.tell('message', 'en', 'a client');
  expect(browser.asked).not.toContain('/assets/index-1a2b.de.js');
  await browser.tell('message', 'de', 'a client');
  browser.isOffline = true;
  expect(await (await browser.ask({ path: '/assets/index-1a2b.de.js' }))?.text()).toBe('Texte');
  expect(await (await browser.ask({ path: '/assets/translator-1a2b.js' }))?.text()).toBe('translator');
});

it('replaces the files of the release before', async () => {
  const browser = new FakeBrowser();
  browser.caches.stored.set('other', new Map());
  await browser.install();
  const [before] = (await browser.caches.keys()).filter((name) => name !== 'other');
  browser.answers.set('/assets/index-3c4d.js', 'next');
  browser.answers.set('/index.html', PAGE.replace('1a2b', '3c4d'));
  await browser.install({ ...FILES, shell: ['/assets/index-3c4d.js', '/theme.js'] });
  const names = await browser.caches.keys();
  expect(names).toHaveLength(2);
  expect(names).not.toContain(before);
});

it('is not installed with the page of another release', async () => {
  const browser = new FakeBrowser();
  browser.answers.set('/index.html', PAGE.replace('1a2b', '3c4d'));
  browser.start();
  await expect(browser.tell('install')).rejects.toThrow('another release');
});

it('is another worker for every release', () => {
  const one = makeWorker(SOURCE, FILES, 'a');
  expect(makeWorker(SOURCE, FILES, 'a')).toBe(one);
  expect(makeWorker(SOURCE, FILES, 'b')).not.toBe(one);
  expect(one).not.toMatch(/THE_[A-Z]/);
});

/** Has an application share photos, or a form of another site. */
async function share(browser: FakeBrowser, names: readonly string[], referrer = ''): Promise<void> {
  const form = new FormData();
  names.forEach((name, index) =>
    form.append('photos', new File([name], name, { type: 'image/jpeg', lastModified: index })),
  );
  form.append('title', 'no photo');
  const asked = { method: 'POST', mode: 'navigate', path: '/upload', form, referrer };
  const answer = await browser.ask(asked).catch(String);
  // Outside of a worker, an address needs its host.
  expect(String(answer)).toMatch(/Invalid URL|Failed to parse URL|\[object Response\]/);
}

async function listShared(browser: FakeBrowser): Promise<string[]> {
  const files = await takeSharedFiles(browser.caches as unknown as CacheStorage);
  return files.map(({ name }) => name);
}

it('hands shared photos to the upload page, once', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await share(browser, ['größe 1.jpg', 'sun.jpg']);
  const storage = browser.caches as unknown as CacheStorage;
  const files = await takeSharedFiles(storage);
  expect(files.map(({ name, type, lastModified }) => [name, type, lastModified])).toEqual([
    ['größe 1.jpg', 'image/jpeg', 0],
    ['sun.jpg', 'image/jpeg', 1],
  ]);
  expect(await files[0]?.text()).toBe('größe 1.jpg');
  expect(await takeSharedFiles(storage)).toEqual([]);
});

it('loses no shared photos that still wait when others are shared, or nothing is', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await share(browser, ['a.jpg']);
  await share(browser, []);
  await share(browser, ['b.jpg']);
  expect(await listShared(browser)).toEqual(['a.jpg', 'b.jpg']);
});

it('loses no photo where an upload page takes those that are there while others are still put aside', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  const { open } = browser.caches;
  const taken: string[] = [];
  browser.caches.open = async (name) => {
    const cache = await open(name);
    const put = async (path: string, answer: Response): Promise<undefined> => {
      if (path.endsWith('/1')) taken.push(...(await listShared(browser)));
      return cache.put(path, answer);
    };
    return { ...cache, put };
  };
  await share(browser, ['a.jpg', 'b.jpg', 'c.jpg']);
  expect(taken).toEqual(['a.jpg']);
  expect(await listShared(browser)).toEqual(['b.jpg', 'c.jpg']);
});

it('hands each photo to one of two upload pages that ask at the same time', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await share(browser, ['a.jpg', 'b.jpg']);
  const lists = await Promise.all([listShared(browser), listShared(browser)]);
  expect(lists.flat().sort()).toEqual(['a.jpg', 'b.jpg']);
});

it('takes no photos from a form of another site', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await share(browser, ['a.jpg'], 'android-app://org.example.camera/');
  await share(browser, ['planted.jpg'], 'https://other.example/');
  expect(await listShared(browser)).toEqual(['a.jpg']);
});

it('leaves nothing of photos for which there is no space, and shows the upload page', async () => {
  const browser = new FakeBrowser();
  await browser.install();
  await share(browser, ['a.jpg']);
  browser.caches.space = 2;
  await share(browser, ['b.jpg', 'c.jpg']);
  const answer = await browser.ask({ method: 'POST', mode: 'navigate', path: '/upload' }).catch(String);
  expect(String(answer)).toMatch(/Invalid URL|Failed to parse URL|\[object Response\]/);
  expect(await listShared(browser)).toEqual(['a.jpg']);
});

it('knows which files the page and its uploads need', () => {
  const chunk = (fileName: string, more: object) => ({ type: 'chunk' as const, fileName, ...more });
  const built = {
    'assets/index-11111111.js': chunk('assets/index-11111111.js', {
      isEntry: true,
      code: 'import("./UploadPage-22222222.js"), import("./viewer-99999999.js")',
      viteMetadata: { importedCss: new Set(['assets/index-11111111.css']) },
    }),
    'assets/index-11111111.css': { type: 'asset' as const, fileName: 'assets/index-11111111.css' },
    'assets/offline-33333333.js': chunk('assets/offline-33333333.js', {
      facadeModuleId: '/x/src/routes/offline.ts',
      imports: ['assets/window-44444444.js', 'assets/index-11111111.js'],
    }),
    'assets/window-44444444.js': chunk('assets/window-44444444.js', {}),
    'assets/foot-notices-abababab.js': chunk('assets/foot-notices-abababab.js', {
      facadeModuleId: '/x/src/routes/foot-notices.svelte.ts',
    }),
    'assets/LanguageField-77777777.js': chunk('assets/LanguageField-77777777.js', {
      facadeModuleId: '/x/src/components/site/LanguageField.svelte',
    }),
    'assets/DropOverlay-88888888.js': chunk('assets/DropOverlay-88888888.js', {
      facadeModuleId: '/x/src/components/upload/DropOverlay.svelte',
    }),
    'assets/suggesting-bbbbbbbb.js': chunk('assets/suggesting-bbbbbbbb.js', {
      facadeModuleId: '/x/src/search/suggesting.ts',
    }),
    'assets/translator-aaaaaaaa.js': chunk('assets/translator-aaaaaaaa.js', {
      facadeModuleId: '/x/src/app/translator.ts',
    }),
    'assets/index-11111111.de.js': { type: 'asset' as const, fileName: 'assets/index-11111111.de.js' },
    'assets/viewer-99999999.de.js': { type: 'asset' as const, fileName: 'assets/viewer-99999999.de.js' },
    'assets/UploadPage-22222222.js': chunk('assets/UploadPage-22222222.js', {
      facadeModuleId: '/x/src/routes/UploadPage.svelte',
      code: 'from "./index-11111111.js"; import("./queue-55555555.js"); "assets/queue-55555555.css"',
    }),
    'assets/UploadsPage-dddddddd.js': chunk('assets/UploadsPage-dddddddd.js', {
      facadeModuleId: '/x/src/routes/UploadsPage.svelte',
      code: 'import("./MyPictures-eeeeeeee.js")',
    }),
    'assets/MyPictures-eeeeeeee.js': chunk('assets/MyPictures-eeeeeeee.js', { code: '' }),
    'assets/SignInPage-ffffffff.js': chunk('assets/SignInPage-ffffffff.js', {
      facadeModuleId: '/x/src/routes/SignInPage.svelte',
      code: '',
    }),
    'assets/UndoNotice-cdcdcdcd.js': chunk('assets/UndoNotice-cdcdcdcd.js', {
      facadeModuleId: '/x/src/components/manage/UndoNotice.svelte',
      code: '',
    }),
    'assets/SignOutOutcome-efefefef.js': chunk('assets/SignOutOutcome-efefefef.js', {
      facadeModuleId: '/x/src/components/upload/SignOutOutcome.svelte',
      code: '',
    }),
    'assets/queue-55555555.js': chunk('assets/queue-55555555.js', {
      code: 'new Worker("/assets/hash-66666666.js")',
    }),
    'assets/queue-55555555.css': { type: 'asset' as const, fileName: 'assets/queue-55555555.css' },
    // A worker is built apart: it and what it loads are files whose code is their source.
    'assets/hash-66666666.js': {
      type: 'asset' as const,
      fileName: 'assets/hash-66666666.js',
      source: 'import("./read-cccccccc.js")',
    },
    'assets/read-cccccccc.js': { type: 'asset' as const, fileName: 'assets/read-cccccccc.js', source: '' },
    'assets/viewer-99999999.js': chunk('assets/viewer-99999999.js', {}),
  };
  const { shell, contributors, texts } = listFiles(built, ['de']);
  expect(texts).toEqual({ de: ['/assets/translator-aaaaaaaa.js', '/assets/index-11111111.de.js'] });
  expect(shell[0]).toBe('/assets/index-11111111.js');
  expect([...shell].sort()).toEqual(
    [
      'DropOverlay-88888888.js',
      'LanguageField-77777777.js',
      'foot-notices-abababab.js',
      'index-11111111.css',
      'index-11111111.js',
      'offline-33333333.js',
      'suggesting-bbbbbbbb.js',
      'window-44444444.js',
    ]
      .map((name) => `/assets/${name}`)
      .concat('/theme.js'),
  );
  expect([...contributors].sort()).toEqual(
    [
      'MyPictures-eeeeeeee.js',
      'SignInPage-ffffffff.js',
      'SignOutOutcome-efefefef.js',
      'UndoNotice-cdcdcdcd.js',
      'UploadPage-22222222.js',
      'UploadsPage-dddddddd.js',
      'hash-66666666.js',
      'queue-55555555.css',
      'queue-55555555.js',
      'read-cccccccc.js',
    ].map((name) => `/assets/${name}`),
  );
});
