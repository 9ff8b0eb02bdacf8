import { mergeByCause } from './merge-by-cause.ts';
import { pickVisible } from './pick-visible.ts';

/** The curve just after the deaths at one age. */
export interface SurvivalStep {
  /** Age of these deaths. */
  atMs: number;
  /** Lifetimes that had reached this age: still alive just before it. */
  atRisk: number;
  deaths: number;
  /** Estimated share that lives longer than `atMs`, 0..1. */
  survival: number;
  /**
   * 95 % interval of `survival`; null where it does not exist, which is once nobody is left: the log-log interval
   * of 0 is undefined (R prints NA there), and 0 would be a bound that the data do not give.
   */
  low: number | null;
  high: number | null;
}

/** Share that has died of one cause by an age, in the presence of the other causes. */
export interface IncidenceStep {
  atMs: number;
  /** Deaths of this cause at this age. */
  deaths: number;
  /** Cumulative incidence, 0..1. */
  incidence: number;
}

export interface CauseCurve {
  /** The number that `ended` gave it, 1 or more. */
  cause: number;
  deaths: number;
  steps: IncidenceStep[];
}

export interface SurvivalCurve {
  /** Lifetimes in all; deaths + censored. */
  count: number;
  deaths: number;
  /** Lifetimes whose end was not seen: held to the deadline, or ended by the client itself. */
  censored: number;
  /** Greatest lifetime: how far the curve may be drawn. Null without a lifetime. */
  endMs: number | null;
  /** One per distinct age of death (or those worth drawing), youngest first. Empty without deaths: survival is then 1 up to `endMs`. */
  steps: SurvivalStep[];
  /** First age at which survival is 0.5 or less; null when it stays above. */
  medianMs: number | null;
  /**
   * One per cause that occurs, by number. At any age the incidences and the survival sum to 1, which one minus a
   * Kaplan-Meier curve per cause would overshoot.
   */
  causes: CauseCurve[];
}

/** 97.5 % quantile of the standard normal distribution, for two-sided 95 %. */
const Z = 1.959963984540054;

/**
 * Rounding that does not make 0.5 a larger number. Steps of a million lifetimes are 1e-6 apart, and the error of the
 * product stays below 1e-10.
 */
const ROUNDING = 1e-9;

/**
 * Kaplan-Meier survival with Greenwood's standard error and log-log 95 % interval, and Aalen-Johansen cumulative
 * incidence per cause. A lifetime that is censored at the age of a death was at risk of it.
 *
 * The interval takes lifetimes as independent. Connections of one run share a server and often a cause of death, so
 * it is a lower bound of the real doubt. Censoring must say nothing about the time of death: a stream held to the
 * deadline is fine, one that the client gave up because it stalled is a death.
 *
 * @param lifetimesMs finite, not negative, in any order; left alone
 * @param ended for each lifetime 0 when it was censored, else the cause of death, 1..255
 * @param mostSteps makes at most so many steps of each curve, those that `thinSteps` would keep. All of them are
 *   costly: a million objects take longer to make than everything else here
 * @throws RangeError when lengths differ or a value is out of range
 */
export function kaplanMeier(
  lifetimesMs: ArrayLike<number>,
  ended: ArrayLike<number>,
  mostSteps = Number.POSITIVE_INFINITY,
): SurvivalCurve {
  const merged = mergeByCause(lifetimesMs, ended);
  const count = lifetimesMs.length;
  const survivals = new SurvivalColumns(merged.allDeaths);
  const incidences = merged.causes.map((cause) => new IncidenceColumns(cause, merged.allDeathsOf(cause)));

  let atRisk = count;
  let survival = 1;
  // Between two censorings the product telescopes to a ratio of counts: exact, where a million factors would not be.
  let baseSurvival = 1;
  let baseAtRisk = atRisk;
  let greenwood = 0;
  let medianMs: number | null = null;

  while (merged.next()) {
    const { atMs, deaths, censored } = merged;
    if (deaths > 0) {
      for (const column of incidences) {
        const died = merged.deathsOf(column.cause);
        if (died > 0) column.add(atMs, died, (survival * died) / atRisk);
      }
      const left = atRisk - deaths;
      survival = baseSurvival * (left / baseAtRisk);
      greenwood += deaths / (atRisk * left);
      survivals.add(atMs, atRisk, deaths, survival, greenwood);
      if (medianMs === null && survival <= 0.5 + ROUNDING) medianMs = atMs;
    }
    atRisk -= deaths + censored;
    if (censored > 0) {
      baseSurvival = survival;
      baseAtRisk = atRisk;
    }
  }

  return {
    count,
    deaths: merged.allDeaths,
    censored: count - merged.allDeaths,
    endMs: count === 0 ? null : merged.atMs,
    steps: survivals.makeSteps(mostSteps),
    medianMs,
    causes: incidences.map((column) => column.makeCurve(mostSteps)),
  };
}

/** The curve as numbers, before objects are made of those steps that are wanted. */
class SurvivalColumns {
  private length = 0;
  private readonly atMs: Float64Array;
  private readonly atRisk: Float64Array;
  private readonly deaths: Float64Array;
  private readonly survival: Float64Array;
  /** Sum of d / (n (n - d)): the variance of log S by Greenwood. */
  private readonly greenwood: Float64Array;

  constructor(capacity: number) {
    this.atMs = new Float64Array(capacity);
    this.atRisk = new Float64Array(capacity);
    this.deaths = new Float64Array(capacity);
    this.survival = new Float64Array(capacity);
    this.greenwood = new Float64Array(capacity);
  }

  add(atMs: number, atRisk: number, deaths: number, survival: number, greenwood: number): void {
    const i = this.length++;
    this.atMs[i] = atMs;
    this.atRisk[i] = atRisk;
    this.deaths[i] = deaths;
    this.survival[i] = survival;
    this.greenwood[i] = greenwood;
  }

  makeSteps(most: number): SurvivalStep[] {
    return pickVisible(this.survival.subarray(0, this.length), most).map((i) => ({
      atMs: this.atMs[i]!,
      atRisk: this.atRisk[i]!,
      deaths: this.deaths[i]!,
      survival: this.survival[i]!,
      ...interval(this.survival[i]!, this.greenwood[i]!),
    }));
  }
}

class IncidenceColumns {
  readonly cause: number;
  private readonly allDeaths: number;
  private length = 0;
  private readonly atMs: Float64Array;
  private readonly deaths: Float64Array;
  private readonly incidence: Float64Array;

  constructor(cause: number, allDeaths: number) {
    this.cause = cause;
    this.allDeaths = allDeaths;
    this.atMs = new Float64Array(allDeaths);
    this.deaths = new Float64Array(allDeaths);
    this.incidence = new Float64Array(allDeaths);
  }

  add(atMs: number, deaths: number, rise: number): void {
    const i = this.length++;
    this.atMs[i] = atMs;
    this.deaths[i] = deaths;
    this.incidence[i] = Math.min(1, (i === 0 ? 0 : this.incidence[i - 1]!) + rise);
  }

  makeCurve(most: number): CauseCurve {
    const steps = pickVisible(this.incidence.subarray(0, this.length), most).map((i) => ({
      atMs: this.atMs[i]!,
      deaths: this.deaths[i]!,
      incidence: this.incidence[i]!,
    }));
    return { cause: this.cause, deaths: this.allDeaths, steps };
  }
}

function interval(survival: number, greenwood: number): Pick<SurvivalStep, 'low' | 'high'> {
  if (survival === 0) return { low: null, high: null };
  // log(-log S) is close to normal where S itself is not, and its interval cannot leave 0..1 (Kalbfleisch, Prentice).
  const logSurvival = Math.log(survival);
  const spread = Math.exp((Z * Math.sqrt(greenwood)) / -logSurvival);
  return { low: Math.exp(logSurvival * spread), high: Math.exp(logSurvival / spread) };
}
