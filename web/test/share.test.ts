import { expect, test } from 'vitest';
import { decode, encode, maxFragment } from '../src/share';

test.each([
  ['plain', '{ viewer { name } }', ''],
  ['umlauts, emoji, Sorbian', '# Äpfel, Öl, Übel, ß, łužica 🌻\n{ viewer { name } }', '{"größe": "süß"}'],
  ['empty', '', ''],
  ['what a URL would read', '{ a(b: "#?&=%2F+/\\") }', '{"x":"<script>alert(1)</script>"}'],
  ['control characters', 'a\u0000\r\n\tb', '\u2028'],
])('round trip: %s', (_, query, variables) => {
  const fragment = encode({ query, variables });
  expect(fragment).toMatch(/^#q=[A-Za-z0-9_-]+$/);
  expect(decode(fragment!)).toEqual({ query, variables });
});

test('a fragment is bounded both ways', () => {
  const fits = encode({ query: 'x'.repeat(49_000), variables: '' });
  expect(fits!.length).toBeLessThanOrEqual(maxFragment);
  expect(decode(fits!)?.query).toHaveLength(49_000);
  expect(encode({ query: 'x'.repeat(50_000), variables: '' })).toBeNull();
  expect(encode({ query: 'x'.repeat(5_000_000), variables: '' })).toBeNull();
  expect(decode('#q=' + 'A'.repeat(maxFragment))).toBeNull();
});

const fragmentOf = (text: string | Uint8Array) => '#q=' + Buffer.from(text).toString('base64url');

test.each([
  ['nothing', ''],
  ['only a hash', '#'],
  ['another fragment', '#abschnitt'],
  ['no content', '#q='],
  ['base64 of the wrong length', '#q=AAAAA'],
  ['base64 with padding', '#q=WyIiLCIiXQ=='],
  ['the other alphabet', '#q=W+/a'],
  ['not base64', '#q=%C3%A4'],
  ['no UTF-8', fragmentOf(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x2c, 0x22, 0x22, 0x5d))],
  ['no JSON', fragmentOf('["')],
  ['null', fragmentOf('null')],
  ['an object', fragmentOf('{"0":"{a}","1":"","length":2}')],
  ['a prototype', fragmentOf('{"__proto__":{"query":"{a}"}}')],
  ['too short', fragmentOf('["{a}"]')],
  ['with a third part, as if headers', fragmentOf('["{a}","","{\\"Authorization\\":\\"x\\"}"]')],
  ['numbers', fragmentOf('[1,2]')],
  ['a nested query', fragmentOf('[["{a}"],""]')],
  ['deep nesting', fragmentOf('['.repeat(40_000))],
])('refuses %s', (_, fragment) => {
  expect(decode(fragment)).toBeNull();
});
