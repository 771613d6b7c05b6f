/**
 * The predictive distribution of the model: counts whose Poisson intensity is itself gamma distributed. Tails in
 * logarithms, so that a flood of any size has a finite score; quantiles by bisection on the same tail, so that the limit
 * that is reported is exactly the count at which the score crosses.
 */

// Lanczos approximation, g = 7, n = 9; coefficients by P. Godfrey (2001); relative error below 1e-13 for x > 0.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function, x > 0. */
export function lnGamma(x: number): number {
  let sum = LANCZOS[0] ?? 1;
  for (let index = 1; index < LANCZOS.length; index += 1) sum += (LANCZOS[index] ?? 0) / (x - 1 + index);
  const t = x + 6.5;
  return 0.9189385332046727 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Logarithm of the regularised incomplete beta function I_x(a, b), 0 < x < 1. Continued fraction of DLMF 8.17.22
 * evaluated by the modified Lentz method (Thompson and Barnett 1986; Numerical Recipes, 6.4).
 */
export function lnBeta(x: number, a: number, b: number): number {
  const lnFront = lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return Math.min(0, lnFront + Math.log(fraction(x, a, b) / a));
  const complement = Math.exp(lnFront) * (fraction(1 - x, b, a) / b);
  return complement >= 1 ? Number.NEGATIVE_INFINITY : Math.log1p(-complement);
}

const TINY = 1e-300;
const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 300; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return result;
}

/**
 * ln P(X >= count) for a negative binomial X with the given mean and dispersion (variance = mean + dispersion mean²).
 * Continuous and decreasing in `count`, which need not be whole.
 */
export function lnTail(count: number, mean: number, dispersion: number): number {
  if (count <= 0) return 0;
  const size = 1 / dispersion;
  return lnBeta(mean / (mean + size), count, size);
}

/**
 * The greatest whole count whose tail is at least `lnProbability`: the last one that is not yet surprising. The logarithm
 * of the tail is nearly straight beyond the mean, so that a straight line between two counts leads close to it; each fourth
 * step halves what is left, so that no tail takes more than four times as long as by halving alone.
 */
export function quantile(lnProbability: number, mean: number, dispersion: number): number {
  const excess = (count: number) => lnTail(count, mean, dispersion) - lnProbability;
  let below = 0;
  let excessBelow = -lnProbability;
  let above = Math.ceil(mean + 8);
  let excessAbove = excess(above);
  while (excessAbove >= 0 && above < 1e9) {
    below = above;
    excessBelow = excessAbove;
    above *= 2;
    excessAbove = excess(above);
  }
  for (let step = 1; above - below > 1; step += 1) {
    const part = step % 4 > 0 && Number.isFinite(excessAbove) ? excessBelow / (excessBelow - excessAbove) : 0.5;
    const middle = Math.min(above - 1, Math.max(below + 1, Math.floor(below + (above - below) * part)));
    const excessMiddle = excess(middle);
    if (excessMiddle >= 0) {
      below = middle;
      excessBelow = excessMiddle;
    } else {
      above = middle;
      excessAbove = excessMiddle;
    }
  }
  return below;
}
