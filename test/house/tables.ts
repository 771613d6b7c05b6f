/** The tables of a document in Markdown. */

/** Rows of the tables, heads and rules included, as their cells. */
export const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => /^\| /.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
