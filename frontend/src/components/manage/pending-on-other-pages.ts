/** Whoever imports this has what is deleted told of on other pages, too. */
import { mount } from 'svelte';
import { foot } from '../../app/foot';
import PendingOnOtherPages from './PendingOnOtherPages.svelte';

mount(PendingOnOtherPages, { target: foot });
