import { weekendOf } from './weekend';

/** One tab: the texts of its editors. */
export interface Example {
  name: string;
  query: string;
  variables: string | null;
  headers: string | null;
}

/**
 * The examples of web/examples in the order of their file names. In variables, {{samstag}} and
 * {{montag}} become the bounds of the weekend that weekendOf(now) answers, and {{jetzt}} becomes now.
 */
export function examples(now: Date): Example[] {
  const files = import.meta.glob<string>('../examples/*', { query: '?raw', import: 'default', eager: true });
  const weekend = weekendOf(now);
  return Object.keys(files)
    .filter((path) => path.endsWith('.graphql'))
    .sort()
    .map((path) => {
      const stem = path.slice(0, -'.graphql'.length);
      return {
        name: stem.slice(stem.lastIndexOf('/') + 1),
        query: files[path] ?? '',
        variables: files[`${stem}.variables.json`]
          ?.replaceAll('{{samstag}}', weekend.samstag)
          .replaceAll('{{montag}}', weekend.montag)
          .replaceAll('{{jetzt}}', `${now.toISOString().slice(0, 19)}Z`) ?? null,
        headers: files[`${stem}.headers.json`] ?? null,
      };
    });
}
