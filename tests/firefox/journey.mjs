// A visitor's and a contributor's way through the page in Firefox, by WebDriver BiDi: tests/integration/firefox.py.
// Arguments: the program, the page's address, a sign-in token, a word that one picture has, and two photos.
// The first line that the page writes into its console as an error, or a step that does not come about, ends it.
import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';

const [executablePath, site, token, word, ...photos] = process.argv.slice(2);
const PATIENCE = 120_000;
const PICTURES = '[aria-label="Pictures"] a[data-picture-id]';

const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
try {
  const page = await browser.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.setDefaultTimeout(PATIENCE);
  page.setDefaultNavigationTimeout(PATIENCE);
  await page.setViewport({ width: 1280, height: 900 });

  step('front page');
  await page.goto(site);
  await page.waitForSelector(`${PICTURES} img[data-loaded="true"]`);

  step('search');
  await page.type('input[type="search"]', word);
  await page.keyboard.press('Enter');
  await page.waitForFunction((all) => document.querySelectorAll(all).length === 1, {}, PICTURES);
  const results = page.url();
  assert.equal(new URL(results).searchParams.get('q'), word);

  step('a picture');
  await page.click(PICTURES);
  await page.waitForFunction(() => location.pathname.startsWith('/p/'));
  await page.waitForSelector('[data-page="picture"] img[data-loaded="true"]');
  await page.waitForSelector('::-p-aria([name="Copy image link"][role="button"])');

  step('back');
  await page.goBack();
  await page.waitForSelector(PICTURES, { visible: true });
  assert.equal(page.url(), results);

  step('sign-in');
  await page.goto(`${site}/upload#token=${token}`);
  await page.waitForSelector('a[aria-label^="Signed in as"]');
  assert.ok(!page.url().includes('token'));

  step('upload');
  const input = await page.waitForSelector('input[aria-label="Choose photos"]');
  await input.uploadFile(...photos);
  await page.locator('::-p-aria([name="Upload 2 photos"][role="button"])').click();
  await page.waitForFunction(() => document.querySelectorAll('li[data-state="ready"]').length === 2);

  assert.deepEqual(complaints, []);
} finally {
  await browser.close();
}

function step(name) {
  console.log(`» ${name}`);
}
