/** How long to wait before the `attempt`th new try (from 1): doubling to 30 s, spread so that not all come at once. */
export function backoff(attempt: number, base = 1000, random: () => number = Math.random): number {
  const ceiling = Math.min(30_000, base * 2 ** Math.min(attempt - 1, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}
