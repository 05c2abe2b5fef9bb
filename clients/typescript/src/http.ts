/** Requests that end: with a whole answer, or with an error, but never by hanging. */

/** No answer came, or none that is whole. It may still have reached the server. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

/** The server answered with something nobody here knows what to do with. */
export class HttpError extends Error {
  override name = "HttpError";
  readonly status: number;

  constructor(status: number) {
    super(`The server answered with ${status}.`);
    this.status = status;
  }
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

export interface Request {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * No cookie goes along, nor the page it was asked from. Who answers with another address, as a
 * hotspot's sign-in page does, gets neither a report nor a token.
 */
const QUIET = { credentials: "omit", referrerPolicy: "no-referrer", redirect: "error" } as const;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Send a request and read the whole answer.
 *
 * @throws NetworkError if no whole answer came in time
 */
export async function exchange(fetch: Fetch, url: string, request: Request): Promise<Reply> {
  const { timeoutMs, signal, ...rest } = request;
  const given = new AbortController();
  const giveUp = (): void => given.abort();
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted === true) giveUp();
  try {
    const response = await fetch(url, { ...rest, ...QUIET, signal: given.signal });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    throw broken(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/**
 * Send a request and hand on the answer's text as it comes.
 *
 * @param request its `timeoutMs` is how long the line may be silent
 * @param take its errors are thrown on
 * @throws NetworkError if the line breaks
 */
export async function streamed<T>(
  fetch: Fetch,
  url: string,
  request: Request,
  take: (response: Response, pieces: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  const { timeoutMs, ...rest } = request;
  const given = new AbortController();
  const watch = (): ReturnType<typeof setTimeout> => setTimeout(() => given.abort(), timeoutMs);
  let timer = watch();
  const heard = (): void => {
    clearTimeout(timer);
    timer = watch();
  };
  try {
    const init = { ...rest, ...QUIET, signal: given.signal };
    const response = await fetch(url, init).catch((error: unknown) => Promise.reject(broken(error)));
    return await take(response, piecesOf(response, heard));
  } finally {
    clearTimeout(timer);
    given.abort(); // of what nobody read
  }
}

/** The text of an answer, each piece without half a letter at its end. */
async function* piecesOf(response: Response, heard: () => void): AsyncGenerator<string> {
  try {
    const reader = response.body?.getReader();
    if (reader === undefined) return yield await response.text(); // React Native streams nothing
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for (;;) {
      const { done, value } = await reader.read();
      heard();
      if (done) return yield decoder.decode();
      yield decoder.decode(value, { stream: true });
    }
  } catch (error) {
    throw broken(error);
  }
}

function broken(cause: unknown): NetworkError {
  return new NetworkError("No whole answer came.", { cause });
}

/** The JSON object of a text; null for anything else. */
export function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
