import type { Random } from './random.ts';

/**
 * Draws ranks 0 … size - 1, rank r with a probability proportional to (r + 1)^-exponent.
 *
 * Rejection-inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", ACM TOMACS 6(3), 1996): the integral H of the continuous density is inverted, and the few points
 * that lie above a rank's own bar are thrown again. Constant time and memory for any size and any exponent > 0.
 */
export class Zipf {
  readonly #size: number;
  /** 1 - exponent: what H's formulas hang on; 0 makes it a logarithm. */
  readonly #power: number;
  readonly #root: number;
  readonly #isNearLogarithm: boolean;
  readonly #from: number;
  readonly #span: number;
  /** Points at most so far left of their rank are always under its bar. */
  readonly #sure: number;

  constructor(size: number, exponent: number) {
    this.#size = size;
    this.#power = 1 - exponent;
    this.#root = 1 / this.#power;
    this.#isNearLogarithm = Math.abs(this.#power) < 1e-3;
    const integralEnd = this.#integral(size + 0.5);
    this.#from = integralEnd;
    this.#span = this.#integral(1.5) - 1 - integralEnd;
    this.#sure = 2 - this.#inverse(this.#integral(2.5) - 2 ** -exponent);
  }

  draw(random: Random): number {
    const size = this.#size;
    for (;;) {
      const area = this.#from + random.fraction() * this.#span;
      const point = this.#inverse(area);
      const rank = Math.min(size, Math.max(1, Math.floor(point + 0.5)));
      if (rank - point <= this.#sure || area >= this.#integral(rank + 0.5) - rank ** (this.#power - 1)) return rank - 1;
    }
  }

  /** H(x) = (x^power - 1) / power, which becomes log x as power goes to 0. */
  #integral(x: number): number {
    const log = Math.log(x);
    const scaled = this.#power * log;
    return Math.abs(scaled) < 1e-8 ? log * (1 + scaled / 2) : (Math.expm1(scaled) / scaled) * log;
  }

  #inverse(area: number): number {
    // Rounding must not carry it below H's infimum.
    const scaled = Math.max(-1, this.#power * area);
    // Dear, and only needed where 1 + scaled would lose too much.
    if (this.#isNearLogarithm)
      return Math.exp(Math.abs(scaled) < 1e-8 ? area * (1 - scaled / 2) : Math.log1p(scaled) / this.#power);
    return (1 + scaled) ** this.#root;
  }
}
