import { NetworkError } from '../api/errors';
import type { Put } from './ports';

/** Without any progress for this long, the connection is taken for dead (ms). */
const STALLED = 90_000;

/**
 * One PUT with exactly the ticket's headers; the browser sets the length itself. XMLHttpRequest, because
 * fetch tells nothing about the progress of what it sends.
 */
export const putFile: Put = (ticket, file, onProgress, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watchdog = 0;
    const watch = (): void => {
      clearTimeout(watchdog);
      watchdog = window.setTimeout(() => request.abort(), STALLED);
    };
    const stop = (): void => request.abort();
    const done = (): void => {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', stop);
    };
    request.open(ticket.method, ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) {
      // Browsers set these two themselves and refuse to be told.
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => {
      watch();
      onProgress(event.loaded);
    };
    request.onload = () => {
      done();
      resolve(request.status);
    };
    request.onerror = () => {
      done();
      reject(new NetworkError('The connection to storage broke.'));
    };
    request.onabort = () => {
      done();
      reject(
        signal.aborted
          ? new DOMException('Cancelled', 'AbortError')
          : new NetworkError('Storage has not answered.'),
      );
    };
    signal.addEventListener('abort', stop);
    watch();
    if (signal.aborted) stop();
    else request.send(file);
  });
