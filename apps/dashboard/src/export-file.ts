/** An export: NDJSON whose last line says how much it holds and whether there is more. */
import type { z } from 'zod';

const LAST_LINE_BYTES = 200;

/**
 * Keeps the file under the name.
 * @returns what its last line says. @throws Error where it ends without one: it broke off.
 */
export async function keepExport<T>(file: Blob, name: string, endSchema: z.ZodType<T>): Promise<T> {
  const last = (await file.slice(-LAST_LINE_BYTES).text()).trim().split('\n').at(-1) ?? '';
  const end = endSchema.safeParse(parsed(last));
  if (!end.success) throw new Error('The export broke off before its end. Try again.');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return end.data;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
