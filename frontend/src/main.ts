import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { takeTokenFromAddress } from './app/session.svelte';
import { queue } from './upload/uploads.svelte';

takeTokenFromAddress(false); // nothing waits in a page that has just been opened
addEventListener('hashchange', () => takeTokenFromAddress(queue.hasUnsentFiles));

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place for the application.');
mount(App, { target });
