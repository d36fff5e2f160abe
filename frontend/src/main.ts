import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { providerSignIn, takeAnswerFromAddress } from './app/provider.svelte';
import { schedule as scheduleRenewal } from './app/renewal';
import { router } from './app/router.svelte';
import { SIGN_IN_PATH } from './app/routes';
import { signIn, takeTokenFromAddress } from './app/sign-in.svelte';
import { queue } from './upload/queue/uploads.svelte';

// The page for signing in says what is wrong with a link.
signIn.onproblem = () => void router.go(SIGN_IN_PATH, { replace: true });
takeTokenFromAddress(() => queue.hasUnsentFiles);
addEventListener('hashchange', () => takeTokenFromAddress(() => queue.hasUnsentFiles));

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
