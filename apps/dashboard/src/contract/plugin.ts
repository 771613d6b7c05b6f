/**
 * Gives the page the contract without its schemas: `virtual:contract` has of each operation the method, the path and the shape of its
 * answer, and the shapes of the forms that are checked before they are sent.
 */
import type { Plugin } from 'vite';
import { Compiler } from './compile.js';

const NAME = 'virtual:contract';
const ID = `\0${NAME}`;

export const contract: Plugin = {
  name: 'contract',
  resolveId: (id) => (id === NAME ? ID : undefined),
  async load(id) {
    if (id !== ID) return undefined;
    // When it is asked for, and not before: other runs of the tests need no built contracts.
    return sourceOf(await import('@plimsoll/contracts'));
  },
  // One schema on a page brings the whole library with it, and nobody would see it.
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    if (!modules.some((id) => /[\\/]node_modules[\\/]zod[\\/]/.test(id))) return;
    const schemas = modules.filter((id) => /[\\/]libs[\\/]contracts[\\/]/.test(id));
    this.error(
      `The page takes a schema out of one of ${schemas.join(', ')}. Names that it needs belong into a module without any.`,
    );
  },
};

export function sourceOf(contracts: typeof import('@plimsoll/contracts')): string {
  const compiler = new Compiler();
  const operations = Object.entries(contracts.adminApi).map(([name, { method, path, response, ...more }]) => {
    const rest = 'streams' in more ? ',true' : '';
    return `${name}:["${method}","${path}",${compiler.answer(response)}${rest}]`;
  });
  const parts = {
    operations: `{\n${operations.join(',\n')}\n}`,
    problem: compiler.answer(contracts.problemSchema),
    firstNonce: compiler.answer(contracts.firstNonceSchema),
    exportEnd: compiler.answer(contracts.exportEndSchema),
    settingsPatch: compiler.form(contracts.settingsPatchSchema),
    accessRequest: compiler.form(contracts.accessRequestSchema),
  };
  const exported = Object.entries(parts).map(([name, source]) => `export const ${name}=${source};`);
  return [compiler.head(), ...exported].join('\n');
}
