// After the compiler: marks dist/cjs as CommonJS, and lets the declarations name our own copy of the contracts' types,
// since the package has no dependencies. src/contracts.spec.ts holds the copy to the original.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
for (const folder of ['dist', 'dist/cjs']) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const own = text
      .replaceAll("'@plimsoll/contracts'", "'./contracts.js'")
      .replaceAll('"@plimsoll/contracts"', '"./contracts.js"');
    if (own !== text) writeFileSync(path, own);
  }
}
