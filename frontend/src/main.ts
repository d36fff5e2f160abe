import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { earlyAnswers } from './api/early-answers';
import { firstScreen, noteFirstScreen } from './app/first-screen';
import { linkCheck, takeLinkFromAddress } from './app/opened-link';
import { takeAnswerFromAddress } from './app/provider-answer';
import { router } from './app/router.svelte';
import { SIGN_IN_PATH } from './app/routes';
import { RENEWAL_KEY } from './app/session.svelte';
import { pages, prefetchNextPage } from './routes/pages';
import { uploads } from './upload/loading/uploads-on-demand';

async function takeLink(): Promise<void> {
  const link = takeLinkFromAddress();
  if (link === null) return;
  const { signIn } = await linkCheck.load();
  // The page for signing in says what is wrong with a link. It has no pictures for which anything could wait.
  signIn.onproblem = () => {
    noteFirstScreen();
    void router.go(SIGN_IN_PATH, { replace: true });
  };
  await signIn.open(link, uploads);
}

async function takeAnswer(): Promise<void> {
  const answer = takeAnswerFromAddress();
  if (answer === null) return;
  const { providerSignIn } = await import('./app/provider.svelte');
  const address = await providerSignIn.finish(answer);
  if (address !== null) await router.go(address, { replace: true });
}

/** Goes on renewing the session of this tab, which few have. Nothing stays that nobody takes away after a sign-out. */
async function renew(): Promise<void> {
  if (sessionStorage.getItem(RENEWAL_KEY) === null) return;
  try {
    (await import('./app/renewal')).schedule();
  } catch {
    sessionStorage.removeItem(RENEWAL_KEY);
  }
}

/** Ms for which the page waits at most for the library's word on a sign-in link: a bad one leads to another page. */
const LINK_LIMIT = 2000;

/** Ms for which the page waits at most until the early answer has been seen to. */
const EARLY_LIMIT = 300;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const link = takeLink();
addEventListener('hashchange', () => void takeLink());
void takeAnswer();
void renew();

const { name } = router.route;
// Its script comes while the header is being made.
if (name === 'picture') pages.picture.prefetch();
else if (name !== 'search') noteFirstScreen();

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place for the application.');
// Making the page takes the processor for so long that the largest picture would be shown after it.
const start = (): void => void mount(App, { target });
const started = Promise.race([earlyAnswers.handled, delay(EARLY_LIMIT)])
  .then(() => Promise.race([link, delay(LINK_LIMIT)]))
  .then(start, start);
addEventListener('load', prefetchNextPage);
void started
  .then(() => firstScreen)
  .then(() => import('./routes/offline'))
  .catch(() => undefined);
