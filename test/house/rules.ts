/**
 * The rules of the tree as pure functions over (path, text), so that each can be shown to fail on a bad sample.
 * They mirror the plan: who may import whom, what the pure core may use, where single libraries may be named.
 */
export interface Source {
  /** Path from the root with forward slashes: `apps/worker/src/main.ts`. */
  path: string;
  text: string;
}

/** Packages of the workspace that a package's sources may import. */
const mayImport: Record<string, readonly string[]> = {
  'libs/contracts': [],
  'libs/detection': ['@plimsoll/contracts'],
  'libs/storage': ['@plimsoll/contracts', '@plimsoll/detection'],
  'libs/sdk': ['@plimsoll/contracts'],
  'apps/ingest': ['@plimsoll/contracts', '@plimsoll/detection', '@plimsoll/storage'],
  'apps/worker': ['@plimsoll/contracts', '@plimsoll/detection', '@plimsoll/storage'],
  'apps/admin': ['@plimsoll/contracts', '@plimsoll/detection', '@plimsoll/sdk', '@plimsoll/storage'],
  'apps/cli': ['@plimsoll/contracts', '@plimsoll/detection', '@plimsoll/storage'],
  'apps/dashboard': ['@plimsoll/contracts'],
  'apps/demo': ['@plimsoll/sdk'],
};

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

interface Import {
  from: string;
  typeOnly: boolean;
}

export function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((match) => ({ from: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined }));
}

const packageOf = (path: string) => path.split('/').slice(0, 2).join('/');
/** Tests, and what only they use. */
const isSpec = (path: string) => /\.(spec|fixture)\.tsx?$/.test(path);

/** Imports against the direction apps -> storage -> detection -> contracts; apps never import apps. */
export function wrongDirections(source: Source): string[] {
  const allowed = mayImport[packageOf(source.path)];
  if (!allowed || isSpec(source.path)) return [];
  return importsOf(source.text).flatMap(({ from, typeOnly }) => {
    const workspace = /^(@plimsoll\/[^/]+|plimsoll(?=\/|$))/.exec(from)?.[0];
    const leaves = from.startsWith('.') && escapes(source.path, from);
    if (leaves) return [`${source.path}: leaves its package with ${from}`];
    if (workspace && !allowed.includes(workspace)) return [`${source.path}: may not import ${from}`];
    if (packageOf(source.path) === 'libs/sdk' && workspace && !typeOnly) return [`${source.path}: only types of ${from}`];
    return [];
  });
}

function escapes(path: string, relative: string): boolean {
  const parts = path.split('/').slice(0, -1);
  for (const step of relative.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return packageOf(parts.join('/')) !== packageOf(path);
}

/** The model is numbers in, numbers out: types only from outside, no clock, no chance, no I/O. */
export function impurities(source: Source): string[] {
  if (!source.path.startsWith('libs/detection/src/') || isSpec(source.path)) return [];
  const found = importsOf(source.text)
    .filter(({ from, typeOnly }) => !from.startsWith('.') && !typeOnly)
    .map(({ from }) => `${source.path}: imports values of ${from}`);
  const code = source.text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  for (const forbidden of ['Date.now', 'new Date(', 'Math.random', 'performance.now', 'process.', 'setTimeout', 'fetch(']) {
    if (code.includes(forbidden)) found.push(`${source.path}: uses ${forbidden}`);
  }
  return found;
}

interface Home {
  library: RegExp;
  /** Where the library may be imported. */
  homes: RegExp;
}
const homes: Home[] = [
  { library: /^socket\.io$|^@nestjs\/(websockets|platform-socket\.io)$/, homes: /^apps\/admin\// },
  { library: /^socket\.io-client$/, homes: /^apps\/dashboard\/src\/live\.ts$/ },
  { library: /^recharts$/, homes: /^apps\/dashboard\/src\/charts\// },
  { library: /^@nestjs\//, homes: /^apps\/|^libs\/sdk\/src\/nest(-refused)?\.ts$/ },
  { library: /^(bullmq|ioredis|pg|drizzle-orm|@clickhouse\/client)(\/|$)/, homes: /^libs\/storage\// },
];

/** Libraries named outside the one place that hides them. */
export function strayLibraries(source: Source): string[] {
  if (isSpec(source.path)) return [];
  return importsOf(source.text).flatMap(({ from }) =>
    homes
      .filter(({ library, homes: place }) => library.test(from) && !place.test(source.path))
      .map(() => `${source.path}: ${from} is not at home here`),
  );
}

/** The page writes numbers and times in one place, by the reader's locale and zone. What is drawn or sent is no text. */
export function strayFormats({ path, text }: Source): string[] {
  if (!path.startsWith('apps/dashboard/src/') || isSpec(path) || /\/src\/(format|reader)\.ts$/.test(path)) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const byHand = [
    /\.toLocale(Date|Time)?String\(/,
    /\bIntl\./,
    /\.get(Timezone|Hours|Minutes|Seconds|Day|Date|Month|FullYear)/,
    / %[`<'"]/,
  ];
  return byHand.filter((trace) => trace.test(code)).map((trace) => `${path}: writes by hand: ${trace.source}`);
}

/** Cycles among the workspace packages, by their manifests' dependencies. */
export function packageCycles(dependencies: Record<string, string[]>): string[] {
  const cycles: string[] = [];
  const visit = (name: string, trail: string[]): void => {
    if (trail.includes(name)) cycles.push([...trail.slice(trail.indexOf(name)), name].join(' -> '));
    else for (const next of dependencies[name] ?? []) visit(next, [...trail, name]);
  };
  for (const name of Object.keys(dependencies)) visit(name, []);
  return cycles;
}

/** Traces of one machine: absolute paths of a checkout, registry hosts, download addresses. */
export function machineTraces(source: Source): string[] {
  const traces = [/(^|[^\w.])\/(work|farm|root)\//m, /registry\.npmjs\.org|deb\.debian\.org|npmmirror/];
  return traces.filter((trace) => trace.test(source.text)).map((trace) => `${source.path}: matches ${trace.source}`);
}

/** What a page says: literals of several words or with a capital, what stands between tags, and lines of words alone. */
const SAID = [
  /'([^'\n]* [^'\n]*|[A-Z][a-z]+)'/g,
  /"([^"\n]* [^"\n]*|[A-Z][a-z]+)"/g,
  /`([^`]*)`/g,
  />([^<>{}=;]+)</g,
  /^ +(\w[^=(){}[\];<>|&?]*)$/gm,
];

/** On the screen an actor is a user, and a subject goes by its type (docs/glossary.md). Names of code and of Cedar's context are none. */
export function strayWords({ path, text }: Source): string[] {
  if (!path.startsWith('apps/dashboard/src/') || isSpec(path)) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/^import [\s\S]*?;$/gm, '');
  const said = SAID.flatMap((pattern) => [...code.matchAll(pattern)].map(([, words = '']) => words.replace(/\$\{[^}]*\}/g, '…')));
  const stray = said.filter((words) => /(?<![\w.'/-])(?:actor|subject)s?(?![\w.'(:,?-])/i.test(words));
  return [...new Set(stray)].map((words) => `${path}: says ${words.trim()}`);
}

/** Words for times that are those of the reader's zone. */
const ZONED = /\b(?:moment|clockTime|clockMinute|dayName|dayNames|zoneOffset|zoneName|weekOf|axisTime|untilText|eventText)\(/;

/** Components that write a time and would not write it anew when another zone is chosen, in this tab or in another. */
export function frozenTimes({ path, text }: Source): string[] {
  if (!/^apps\/dashboard\/src\/.*\.tsx$/.test(path) || isSpec(path)) return [];
  return ZONED.test(text) && !/\buse(?:Zone|Reader)\(\)/.test(text) ? [`${path}: writes a time without useZone`] : [];
}

/** Components that pages share and that stand neither in the gallery nor within another of them. */
export function unshown(sources: readonly Source[]): string[] {
  const shared = sources.filter(({ path }) => /^apps\/dashboard\/src\/ui\/[^/]+\.tsx$/.test(path) && !isSpec(path));
  const gallery = sources.filter(({ path }) => path.startsWith('apps/dashboard/src/gallery/'));
  return shared.flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:const|function) ([A-Z]\w*[a-z]\w*)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => ![...shared, ...gallery].some((one) => new RegExp(`<${name}\\b|module\\.${name}\\b`).test(one.text)))
      .map((name) => `${path}: ${name} is not in the gallery`),
  );
}
