/**
 * Formatted text as people can type it, so that no link is lost when somebody mends a word: `[text](https://…)`, `**bold**`, `_emphasis_`,
 * `## heading`, `- item`, `1. item`, `> quotation`; an empty line parts paragraphs.
 */
export type Inline = string | { tag: 'strong' | 'em' | 'a'; href?: string; of: Inline[] };
export type Block = { tag: 'p' | 'h3' | 'h4' | 'blockquote'; of: Inline[] } | { tag: 'ul' | 'ol'; items: Inline[][] };

const marks = /\[([^\]\n]+)\]\(((?:https?|mailto|tel):[^\s()]+)\)|\*\*(\S(?:[^\n]*?\S)?)\*\*|(?<![\p{L}\p{N}_])_([^\s_](?:[^\n]*?[^\s_])?)_(?![\p{L}\p{N}_])/u;

function inline(text: string): Inline[] {
  const m = marks.exec(text);
  if (!m) return text ? [text] : [];
  const [all, label, href, bold, emphasis] = m;
  const found: Inline = href !== undefined ? { tag: 'a', href, of: inline(label!) } : bold !== undefined ? { tag: 'strong', of: inline(bold) } : { tag: 'em', of: inline(emphasis!) };
  const before = text.slice(0, m.index);
  return [...(before ? [before] : []), found, ...inline(text.slice(m.index + all.length))];
}

const starts: [RegExp, 'ul' | 'ol' | 'h4' | 'h3' | 'blockquote'][] = [[/^- +/, 'ul'], [/^\d{1,3}\. +/, 'ol'], [/^### +/, 'h4'], [/^## +/, 'h3'], [/^> ?/, 'blockquote']];

/** What a text that people have typed says. */
export function blocks(text: string): Block[] {
  const out: Block[] = [];
  for (const part of text.split(/\n[^\S\n]*\n+/)) {
    let open: { tag: string; lines: string[] } | undefined;
    const close = () => {
      if (open?.tag === 'ul' || open?.tag === 'ol') out.push({ tag: open.tag, items: open.lines.map(inline) });
      else if (open && open.lines.join('').trim()) out.push({ tag: open.tag as 'p', of: inline(open.lines.join('\n').trim()) });
      open = undefined;
    };
    for (const line of part.split('\n')) {
      const [mark, tag] = starts.find(([re]) => re.test(line)) ?? [/^/, 'p'];
      const rest = line.replace(mark, '');
      if (open?.tag === tag && tag !== 'h3' && tag !== 'h4') open.lines.push(rest);
      else { close(); open = { tag, lines: [rest] }; }
    }
    close();
  }
  return out;
}

const escape = (s: string) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const html = (list: Inline[]): string => list.map((x) => (typeof x === 'string' ? escape(x).replaceAll('\n', '<br>') : `<${x.tag}${x.href ? ` href="${escape(x.href)}"` : ''}>${html(x.of)}</${x.tag}>`)).join('');

/** What the API takes: HTML where there is a mark in it, else the text as it is. */
export function toPosted(text: string): string {
  const all = blocks(text);
  if (all.every((b) => b.tag === 'p' && b.of.every((x) => typeof x === 'string'))) return text;
  return all.map((b) => ('items' in b ? `<${b.tag}>${b.items.map((i) => `<li>${html(i)}</li>`).join('')}</${b.tag}>` : `<${b.tag}>${html(b.of)}</${b.tag}>`)).join('');
}

/** The text to type in that says what the API's HTML says. */
export function fromHTML(source: string): string {
  const within = (n: Node): string => [...n.childNodes].map(one).join('');
  const around = (mark: string, s: string) => s.replace(/^(\s*)([\s\S]*?)(\s*)$/, (_, a: string, x: string, b: string) => (x ? `${a}${mark}${x}${mark}${b}` : a + b));
  const one = (n: Node): string => {
    if (n.nodeName === 'BR') return '\n';
    if (n.nodeName === 'STRONG' || n.nodeName === 'B') return around('**', within(n));
    if (n.nodeName === 'EM' || n.nodeName === 'I') return around('_', within(n));
    const href = n.nodeName === 'A' ? (n as Element).getAttribute('href') : null;
    if (href) return `[${within(n)}](${href.replaceAll('(', '%28').replaceAll(')', '%29')})`;
    return n.nodeType === 3 ? (n.textContent ?? '').replace(/\s+/g, ' ') : within(n);
  };
  const block = (n: Node): string => {
    const text = within(n).trim();
    switch (n.nodeName) {
      case 'UL': case 'OL': return [...n.childNodes].filter((c) => c.nodeName === 'LI').map((c, i) => `${n.nodeName === 'UL' ? '-' : `${i + 1}.`} ${within(c).trim().replaceAll('\n', ' ')}`).join('\n');
      case 'H3': return `## ${text}`;
      case 'H4': case 'H5': case 'H6': return `### ${text}`;
      case 'BLOCKQUOTE': return text.split('\n').map((l) => `> ${l.trim()}`).join('\n');
      default: return one(n).trim();
    }
  };
  const named = (n: Node) => /^(P|UL|OL|H[3-6]|BLOCKQUOTE)$/.test(n.nodeName);
  const parts: string[] = [];
  let loose = '';
  for (const n of new DOMParser().parseFromString(source, 'text/html').body.childNodes) {
    if (!named(n)) { loose += one(n); continue; }
    parts.push(loose.trim(), block(n));
    loose = '';
  }
  return [...parts, loose.trim()].filter(Boolean).join('\n\n');
}
