/** How the process of a backtest is begun; its benchmark begins one alike. */
export const BACKTEST_FLAGS: readonly string[] = [
  // It holds a model for every shard: as much as the worker itself, and no more.
  '--max-old-space-size=4096',
  // Each log makes some kilobytes that are gone a moment later: in a wide nursery nearly none of them is ever copied.
  '--max-semi-space-size=64',
];
