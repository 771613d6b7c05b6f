/** An export: NDJSON whose last line says how much it holds and whether there is more. */
import { check, type Shape } from './contract/shape.js';

const LAST_LINE_BYTES = 200;

/**
 * Keeps the file under the name.
 * @returns what its last line says. @throws Error where it ends without one: it broke off.
 */
export async function keepExport(file: Blob, name: string, endShape: Shape): Promise<unknown> {
  const last = (await file.slice(-LAST_LINE_BYTES).text()).trim().split('\n').at(-1) ?? '';
  const end = check(endShape, parsed(last));
  if (end.type === 'faulty') throw new Error('The export broke off before its end. Try again.');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return end.value;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
