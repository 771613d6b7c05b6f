/** How often a value of the one is above one of the other (Mann and Whitney, 1947): a half where nothing tells them apart. */
export function chanceOfLonger(ones: readonly number[], others: readonly number[]): number {
  const all = [...ones.map((value) => ({ value, one: 1 })), ...others.map((value) => ({ value, one: 0 }))];
  all.sort((a, b) => a.value - b.value);
  const ranks = all.reduce((sum, { one }, index) => sum + one * (index + 1), 0);
  return (ranks - (ones.length * (ones.length + 1)) / 2) / (ones.length * others.length);
}
