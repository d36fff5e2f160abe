// The page's service worker: the page without a network, and photos that other applications share with it.
// It stores files of one release alone, which the build fills in (vite/offline.ts), and what everybody is told of the
// library's limits. No other answer of the API is stored, and nothing that somebody has signed in for.
const RELEASE = 'THE_RELEASE';
/** Paths of the files that the page loads first, its entry before all others. */
const SHELL = THE_SHELL;
/** What contributors need beside them: uploading, their pictures, their account. Only for those who sign in it is stored. */
const OF_CONTRIBUTORS = THE_FILES_OF_CONTRIBUTORS;
/** The texts of both in other languages, by language. Only those of the reader's language are stored. */
const TEXTS = THE_TEXTS;
const PAGE = '/index.html';
const CONFIG = '/api/config';
const UPLOAD_PATH = '/upload';
const PREFIX = 'release-';
const NAME = PREFIX + RELEASE;
/** Ms after which the stored page is shown instead of one that does not come. Both have the same script. */
const STORED_PAGE_AFTER = 5000;
/** The ids of the tabs that show the stored page. */
const copies = new Set();

self.addEventListener('install', (event) => {
  event.waitUntil(install());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(activate());
});

// The page asks for the files of contributors (by the word that every release knows), or for the texts of its language; else, whether it is the stored page.
self.addEventListener('message', (event) => {
  const { data } = event;
  if (data === 'uploads') event.waitUntil(store([...OF_CONTRIBUTORS, CONFIG]));
  else if (data in TEXTS) event.waitUntil(store(TEXTS[data]));
  else if (copies.has(event.source.id)) event.source.postMessage('copy');
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST' && request.mode === 'navigate' && url.pathname === UPLOAD_PATH) {
    event.respondWith(takeShared(request));
  } else if (request.method !== 'GET') {
    return;
  } else if (request.mode === 'navigate') {
    if (!isFile(url.pathname)) event.respondWith(answerPage(event));
  } else if (url.pathname === CONFIG) {
    event.respondWith(fetchOr(request, CONFIG, true));
  } else if (
    [SHELL, OF_CONTRIBUTORS, ...Object.values(TEXTS)].some((files) => files.includes(url.pathname))
  ) {
    // Names under /assets/ carry a hash of their content.
    if (url.pathname.startsWith('/assets/')) event.respondWith(find(url.pathname, request));
    else event.respondWith(fetchOr(request, url.pathname, false));
  }
});

async function install() {
  const page = await fetch(PAGE, { cache: 'no-cache' });
  const text = await page.clone().text();
  // While a release is being published, a cache may still have the page of the one before. The browser tries again later.
  if (!page.ok || !text.includes(SHELL[0])) {
    throw new Error('The page is of another release.');
  }
  const cache = await caches.open(NAME);
  await cache.addAll(SHELL);
  await cache.put(PAGE, page);
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The browser asks for the page while this worker still starts.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function store(files) {
  const cache = await caches.open(NAME);
  const stored = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await cache.addAll(files.filter((file) => !stored.has(file)));
}

function isFile(path) {
  return (
    path.startsWith('/api/') || path.startsWith('/i/') || path.slice(path.lastIndexOf('/')).includes('.')
  );
}

async function find(path, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(path)) ?? fetch(request);
}

/** The answer from the network; without a network, the stored one. */
async function fetchOr(request, path, isStored) {
  const cache = await caches.open(NAME);
  try {
    const answer = await fetch(request);
    if (isStored && answer.ok) await cache.put(path, answer.clone());
    return answer;
  } catch (error) {
    const stored = await cache.match(path);
    if (stored === undefined) throw error;
    return stored;
  }
}

async function answerPage(event) {
  const cache = await caches.open(NAME);
  const page = await cache.match(PAGE);
  const answer = (async () => (await event.preloadResponse) ?? fetch(event.request))();
  if (page === undefined) return answer;
  let timer;
  const patience = new Promise((resolve) => {
    timer = setTimeout(() => resolve(page), STORED_PAGE_AFTER);
  });
  const given = await Promise.race([answer.catch(() => page), patience]);
  clearTimeout(timer);
  if (given === page) copies.add(event.resultingClientId);
  return given;
}

/**
 * Keeps shared photos for the upload page, which takes them in (src/upload/selection/shared-files.ts), beside those that still
 * wait there. A form of another site can send photos, too. A site that hides its name cannot be told from an application: what
 * was shared is only put into the list, and nothing of it is sent before somebody presses "Upload".
 */
async function takeShared(request) {
  const cache = await caches.open('shared');
  const stored = [];
  try {
    const photos = isForeign(request.referrer) ? [] : (await request.formData()).getAll('photos');
    const share = crypto.randomUUID();
    for (const photo of photos) {
      if (!(photo instanceof File)) continue;
      const key = `/shared/${share}/${stored.length}`;
      stored.push(key);
      const headers = {
        'Content-Type': photo.type,
        'X-Name': encodeURIComponent(photo.name),
        'X-Modified': String(photo.lastModified),
      };
      await cache.put(key, new Response(photo, { headers }));
    }
  } catch {
    // No space, perhaps, or no form: what came in part would stay, and take the space from photos that wait.
    await Promise.all(stored.map((key) => cache.delete(key)));
  }
  return Response.redirect(UPLOAD_PATH, 303);
}

function isForeign(referrer = '') {
  return referrer.startsWith('http') && new URL(referrer).origin !== location.origin;
}
