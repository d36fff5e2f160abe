import { ContributorClient } from '../api/contributor-client';
import { CLIENT_OPTIONS } from './api';
import { session } from './session.svelte';

/** The API for what only those do who are signed in. */
export const contributorApi = new ContributorClient({ ...CLIENT_OPTIONS, getOwner: () => session.owner });
