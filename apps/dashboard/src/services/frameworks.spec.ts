import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { frameworks } from './frameworks.js';

/** Lines of code: neither comments nor what is empty. */
const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.replace(/\s*\/\/ .*$/, '').trimEnd())
    .filter((line) => line !== '');
const programs = (page: string) =>
  [...readFileSync(`docs/sdk/${page}.md`, 'utf8').matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

/** The first line that does not come, in this order, among the others. */
function missing(lines: readonly string[], among: readonly string[]): string | undefined {
  let from = 0;
  for (const line of lines) {
    const at = among.findIndex((other, index) => index >= from && other.trim() === line.trim());
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

describe('the lines to copy', () => {
  it.each(frameworks)('for $name are those of a program that is run as a test', ({ page, code }) => {
    const [program = ''] = programs(page);
    // Other names that a program imports from the same place are no matter of the lines.
    const text = program.replace('{ guardUpgrades, plimsollHttp }', '{ plimsollHttp }');
    expect(missing(linesOf(code), linesOf(text))).toBeUndefined();
  });

  it('would be found out if one of them changed', () => {
    const [program = ''] = programs('express');
    const code = frameworks[0]?.code.replace('app.use(authenticate)', 'app.use(authorise)') ?? '';
    expect(missing(linesOf(code), linesOf(program))).toBe('app.use(authorise);');
  });
});
