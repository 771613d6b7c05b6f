/** Rows of text as a table for a terminal. */

/** Columns as wide as their widest cell, at most 60. */
export function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.min(60, Math.max(...rows.map((row) => row[column]?.length ?? 0))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
