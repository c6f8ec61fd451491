/**
 * `npm run rules`: every rule of the policy, where it stands, and the test that fails without it. `--write` puts the table
 * into src/governance/README.md; `--prove` removes each rule in turn and checks that its test fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOpa } from './opa-binary.js';
import { proveAll } from './rules-removal.js';
import { ROOT, table } from './rules-rows.js';

if (process.argv.includes('--prove')) {
  const opa = findOpa();
  const proofs = proveAll(opa);
  if (opa === undefined) console.log('Rego is not proved: there is no opa here');
  for (const { id, language, test, told } of proofs)
    console.log(`${id}  ${language}  removed: ${told} ("${test}")`);
  process.exitCode = proofs.every(({ noticed }) => noticed) ? 0 : 1;
} else if (process.argv.includes('--write')) {
  const path = join(ROOT, 'src/governance/README.md');
  const text = readFileSync(path, 'utf8');
  if (!/<!-- rules -->\n[\s\S]*<!-- \/rules -->/.test(text))
    throw new Error('src/governance/README.md has lost its <!-- rules --> marks');
  writeFileSync(
    path,
    text.replace(/(<!-- rules -->\n)[\s\S]*(\n<!-- \/rules -->)/, (_, begin, end) => begin + table() + end),
  );
} else console.log(table());
