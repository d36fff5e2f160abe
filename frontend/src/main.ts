import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { providerSignIn, takeAnswerFromAddress } from './app/provider.svelte';
import { schedule as scheduleRenewal } from './app/renewal';
import { router } from './app/router.svelte';
import { takeTokenFromAddress } from './app/session.svelte';
import { queue } from './upload/uploads.svelte';

takeTokenFromAddress(false); // nothing waits in a page that has just been opened
addEventListener('hashchange', () => takeTokenFromAddress(queue.hasUnsentFiles));

const answer = takeAnswerFromAddress();
if (answer !== null) {
  void providerSignIn.finish(answer).then((address) => {
    if (address !== null) return router.go(address, { replace: true });
  });
}

scheduleRenewal();

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place for the application.');
mount(App, { target });
