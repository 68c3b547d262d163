import { expect, test } from 'vitest';
import { weekendOf } from '../src/weekend';
import cases from '../testdata/weekend.json';

test.each(cases)('$name', ({ now, samstag, montag }) => {
  expect(weekendOf(new Date(now))).toEqual({ samstag, montag });
});
