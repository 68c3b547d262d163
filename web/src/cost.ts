/** What the last operation has cost, as the server counts it (docs/limits.md). */
export interface Cost {
  cost: number;
  budget: number;
}

let last: Cost | null = null;
const listeners = new Set<() => void>();

/** Tells of the cost of the operation that has run last; null once there is none to tell of. */
export function told(cost: Cost | null): void {
  last = cost;
  for (const listener of listeners) listener();
}

export const current = (): Cost | null => last;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The cost that an answer tells of; also one that was refused because it would be too much. null: it tells of none. */
export function costOf(answer: unknown): Cost | null {
  const { extensions, errors } = (answer ?? {}) as {
    extensions?: { cost?: unknown; budget?: unknown };
    errors?: { message?: unknown; extensions?: { limit?: unknown; max?: unknown } }[];
  };
  if (typeof extensions?.cost === 'number' && typeof extensions.budget === 'number') {
    return { cost: extensions.cost, budget: extensions.budget };
  }
  const refused = errors?.find((error) => error.extensions?.limit === 'cost');
  const cost = Number(/costs (\d+)/.exec(String(refused?.message))?.[1]);
  const max = refused?.extensions?.max;
  return Number.isFinite(cost) && typeof max === 'number' ? { cost, budget: max } : null;
}

/** fetch that asks for the cost of what people run, and tells of it. */
export const costly: typeof fetch = async (input, init) => {
  const body = typeof init?.body === 'string' ? init.body : '';
  const headers = new Headers(init?.headers);
  const introspection = body.includes('"operationName":"IntrospectionQuery"');
  if (!introspection) {
    headers.set('Umland-Cost', '1');
    told(null);
  }
  const answer = await fetch(input, { ...init, headers, credentials: 'same-origin', mode: 'same-origin' });
  if (!introspection) {
    answer
      .clone()
      .json()
      .then((json) => told(costOf(json)))
      .catch(() => undefined); // not JSON: GraphiQL says so
  }
  return answer;
};
