import { expect, test } from 'vitest';
import { costOf } from '../src/cost';

test.each([
  ['what the server tells', { data: {}, extensions: { cost: 152, budget: 10000 } }, { cost: 152, budget: 10000 }],
  [
    'what was refused for its cost',
    { errors: [{ message: 'The operation costs 50202; 10000 are allowed.', extensions: { code: 'LIMIT_EXCEEDED', limit: 'cost', max: 10000 } }] },
    { cost: 50202, budget: 10000 },
  ],
  ['another limit', { errors: [{ message: 'Too deep: costs 3', extensions: { limit: 'depth', max: 15 } }] }, null],
  ['nothing', { data: {} }, null],
  ['no object', null, null],
])('%s', (_, answer, cost) => {
  expect(costOf(answer)).toEqual(cost);
});
