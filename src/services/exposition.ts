/**
 * Metrics in Prometheus's text format: families with their help, and histograms. An observation costs less than a tenth of one in
 * prom-client, because its caller keeps the histogram and looks up no labels.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */

/** An undefined label is left out, which Prometheus takes as the empty value. */
export type Labels = { readonly [name: string]: string | undefined };

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One family; the labels of its samples are lists of few values, whatever clients send. */
export function family(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  samples: number | Iterable<readonly [Labels, number]>,
): string {
  const list = typeof samples === 'number' ? [[{}, samples] as const] : [...samples];
  const lines = list.map(([labels, value]) => `${name}${braced(labelText(labels))} ${value}\n`);
  return head(type, name, help) + lines.join('');
}

/** Counts durations in buckets. */
export class Histogram {
  count = 0;
  readonly #counts: number[];
  #sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.#counts = bounds.map(() => 0);
  }

  observe(seconds: number): void {
    this.count += 1;
    this.#sum += seconds;
    // The bounds are few, and most durations are in one of the first.
    for (let index = 0; index < this.bounds.length; index += 1) {
      if (seconds > (this.bounds[index] ?? 0)) continue;
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      return;
    }
  }

  lines(name: string, labels: string): string {
    const labelPrefix = labels === '' ? '' : `${labels},`;
    let total = 0;
    let text = '';
    for (const [index, bound] of this.bounds.entries()) {
      total += this.#counts[index] ?? 0;
      text += `${name}_bucket{${labelPrefix}le="${bound}"} ${total}\n`;
    }
    text += `${name}_bucket{${labelPrefix}le="+Inf"} ${this.count}\n`;
    return `${text}${name}_sum${braced(labels)} ${this.#sum}\n${name}_count${braced(labels)} ${this.count}\n`;
  }
}

/** The histograms of one family, by their labels. */
export class HistogramFamily {
  readonly #byLabels = new Map<string, Histogram>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly bounds: readonly number[],
  ) {}

  get size(): number {
    return this.#byLabels.size;
  }

  of(labels: Labels): Histogram {
    const text = labelText(labels);
    const existing = this.#byLabels.get(text);
    if (existing !== undefined) return existing;
    const histogram = new Histogram(this.bounds);
    this.#byLabels.set(text, histogram);
    return histogram;
  }

  /** Times work of one kind; that which fails gets the label `error_type`. The histogram of its successes is looked up once. */
  timer(labels: Labels, errorTypeOf: (error: unknown) => string) {
    let successTimes: Histogram | undefined;
    return async <T>(work: () => Promise<T>): Promise<T> => {
      const began = performance.now();
      let histogram: Histogram | undefined;
      try {
        const result = await work();
        successTimes ??= this.of(labels);
        histogram = successTimes;
        return result;
      } catch (error) {
        histogram = this.of({ ...labels, error_type: errorTypeOf(error) });
        throw error;
      } finally {
        histogram?.observe((performance.now() - began) / 1_000);
      }
    };
  }

  text(): string {
    const lines = [...this.#byLabels].map(([labels, histogram]) => histogram.lines(this.name, labels));
    return head('histogram', this.name, this.help) + lines.join('');
  }
}

function head(type: string, name: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function labelText(labels: Labels): string {
  const present = Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return present.map(([name, value]) => `${name}="${escaped(value)}"`).join(',');
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

export type Sample = { name: string; labels: { [name: string]: string }; value: number };

/** The samples of a text as this file writes it. Other lines are left out. */
export function readSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line): Sample[] => {
    const [, name, labels = '', value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(?:^|,)(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      {
        name,
        labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
        value: Number(value),
      },
    ];
  });
}
