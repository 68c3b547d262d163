/** What a link carries: the query and its variables, never headers, because these hold keys. */
export interface Shared {
  query: string;
  variables: string;
}

const prefix = '#q=';

/** A longer fragment is refused unread; the longest that encode makes. */
export const maxFragment = 64 * 1024;

/** The URL fragment for shared, or null when it would be longer than maxFragment. */
export function encode({ query, variables }: Shared): string | null {
  const bytes = new TextEncoder().encode(JSON.stringify([query, variables]));
  if (bytes.length > maxFragment) return null;
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const fragment = prefix + base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return fragment.length > maxFragment ? null : fragment;
}

/** The content of a fragment made by encode; null for every other text. */
export function decode(fragment: string): Shared | null {
  if (fragment.length > maxFragment || !fragment.startsWith(prefix)) return null;
  const base64url = fragment.slice(prefix.length);
  if (!/^[A-Za-z0-9_-]+$/.test(base64url)) return null;
  try {
    const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (!Array.isArray(value) || value.length !== 2) return null;
    const [query, variables]: unknown[] = value;
    if (typeof query !== 'string' || typeof variables !== 'string') return null;
    return { query, variables };
  } catch {
    return null;
  }
}
