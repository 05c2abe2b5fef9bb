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

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Send a request and read the whole answer.
 *
 * No cookie goes along, nor the page it was asked from.
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
    const quiet = { credentials: "omit", referrerPolicy: "no-referrer" } as const;
    const init: RequestInit = { ...rest, ...quiet, signal: given.signal };
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    throw new NetworkError("No whole answer came.", { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
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
