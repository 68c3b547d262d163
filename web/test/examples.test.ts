import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getVariableValues, Kind, parse, validate, type OperationDefinitionNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { examples } from '../src/examples';

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema.graphqls'), 'utf8'), {
  assumeValidSDL: true,
});
const all = examples(new Date('2026-11-23T10:00:00Z'));

test('there are examples, in order', () => {
  const names = all.map(({ name }) => name);
  // What an app needs: lists with filters, what is near, on or open, a calendar, search, one thing, places, languages, sources, changes, posting.
  expect(names.length).toBeGreaterThanOrEqual(17);
  expect(names).toEqual([...names].sort());
  expect(names[0]).toBe('01-wochenende');
});

describe.each(all)('$name', ({ query, variables, headers }) => {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;

  test('holds against the schema', () => {
    expect(document.definitions).toHaveLength(1);
    expect(operation.kind).toBe(Kind.OPERATION_DEFINITION);
    expect(validate(schema, document)).toEqual([]);
  });

  test('begins with a comment that explains it, and has a short name for its tab', () => {
    expect(query).toMatch(/^# \S.+\n#\n# \S/);
    expect(operation.name?.value).toMatch(/^[A-Z][a-z]{3,14}$/);
  });

  test('its variables fit', () => {
    expect(variables ?? '').not.toContain('{{');
    const values: Record<string, unknown> = JSON.parse(variables ?? '{}');
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], values);
    expect(errors).toBeUndefined();
    const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
    expect(Object.keys(values).sort()).toEqual(declared.sort());
  });

  test('only what writes asks for a key', () => {
    const asked = headers === null ? undefined : JSON.parse(headers);
    expect(asked).toEqual(
      operation.operation === 'mutation' ? { Authorization: 'Bearer SCHLUESSEL' } : undefined,
    );
  });
});
