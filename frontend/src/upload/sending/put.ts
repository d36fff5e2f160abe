import { NetworkError } from '../../api/errors';
import type { PutFile } from '../stage/ports';

/** Ms without any progress after which the connection counts as broken. */
const STALL_TIMEOUT = 90_000;

/** Headers that browsers set themselves and that a script may not set. */
const FORBIDDEN_HEADERS = /^(host|content-length)$/i;

/** The name of the error in S3's answer, which is XML. */
const ERROR_CODE = /<Code>([^<]*)</;

/**
 * Sends a file with exactly the ticket's headers. An XMLHttpRequest does it, because fetch does not report the
 * progress of a request's body.
 */
export const putFile: PutFile = (ticket, file, onProgress, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stallTimer = 0;
    const restartStallTimer = (): void => {
      clearTimeout(stallTimer);
      stallTimer = window.setTimeout(() => request.abort(), STALL_TIMEOUT);
    };
    const abort = (): void => request.abort();
    const cleanUp = (): void => {
      clearTimeout(stallTimer);
      signal.removeEventListener('abort', abort);
    };
    request.open(ticket.method, ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) {
      if (!FORBIDDEN_HEADERS.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => {
      restartStallTimer();
      onProgress(event.loaded);
    };
    request.onload = () => {
      cleanUp();
      resolve({ status: request.status, code: ERROR_CODE.exec(request.responseText)?.[1] ?? '' });
    };
    request.onerror = () => {
      cleanUp();
      reject(new NetworkError('The connection to storage broke.'));
    };
    request.onabort = () => {
      cleanUp();
      reject(
        signal.aborted
          ? new DOMException('Cancelled', 'AbortError')
          : new NetworkError('Storage has not answered.'),
      );
    };
    signal.addEventListener('abort', abort);
    restartStallTimer();
    if (signal.aborted) abort();
    else request.send(file);
  });
