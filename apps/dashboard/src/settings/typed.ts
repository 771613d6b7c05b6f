/** What rows and fields of the settings have in common: keys by which rows are known, numbers as typed. */

let keys = 0;
export const newKey = (): number => {
  keys += 1;
  return keys;
};

/** What is no number becomes NaN, which no schema takes: an empty field is a fault, not a zero. */
export const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
