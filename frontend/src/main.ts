import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { providerSignIn, takeAnswerFromAddress } from './app/provider.svelte';
import { schedule as scheduleRenewal } from './app/renewal';
import { router } from './app/router.svelte';
import { session, takeTokenFromAddress } from './app/session.svelte';
import { queue } from './upload/queue/uploads.svelte';

takeLink(false); // nothing waits in a page that has just been opened
addEventListener('hashchange', () => takeLink(queue.hasUnsentFiles));

const answer = takeAnswerFromAddress();
if (answer !== null) {
  void providerSignIn.finish(answer).then((address) => {
    if (address !== null) return router.go(address, { replace: true });
  });
}

scheduleRenewal();

/** Takes a sign-in link. The page for signing in says what is wrong with a broken one. */
function takeLink(hasWaitingFiles: boolean): void {
  takeTokenFromAddress(hasWaitingFiles);
  if (session.isLinkBroken && !session.isSignedIn) void router.go('/signin', { replace: true });
}

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place for the application.');
mount(App, { target });
