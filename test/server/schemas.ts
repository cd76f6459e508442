/** The schemas of what commands print as JSON, to hold what they print against. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { repositoryRoot } from '../trees.js';

/** Fails where a value is not what `schema/NAME.schema.json` says. */
export function expectSchema(name: string, value: unknown): void {
	const read = (file: string): object =>
		JSON.parse(readFileSync(join(repositoryRoot, 'schema', file), 'utf8')) as object;
	const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
	ajv.addSchema(read('racewalk.schema.json'), 'racewalk.schema.json');
	const validate = ajv.compile(read(`${name}.schema.json`));
	validate(value);
	expect(validate.errors).toBeNull();
}
