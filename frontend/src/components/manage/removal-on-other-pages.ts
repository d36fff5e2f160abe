/** Whoever imports this has what is deleted told of on other pages, too. */
import { mount } from 'svelte';
import RemovalOnOtherPages from './RemovalOnOtherPages.svelte';

mount(RemovalOnOtherPages, { target: document.querySelector('.notices') ?? document.body });
