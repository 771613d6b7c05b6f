/** The page at `/`: says what the demo is and how to attack it. One static page; no client's text is ever in it. */
import type { Response } from 'express';

const style = `
  :root { color-scheme: light dark }
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem }
  h1 { line-height: 1.2 } h2 { margin-top: 2rem; font-size: 1.1rem }
  pre { background: #8882; padding: .75rem 1rem; border-radius: .5rem; overflow-x: auto }
  table { border-collapse: collapse } td { padding: .1rem 1rem .1rem 0; vertical-align: top }
`;

export function welcomePage(res: Response, url: string): void {
  res.setHeader(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  );
  res.setHeader('x-content-type-options', 'nosniff');
  res.type('html').send(page(url));
}

const page = (url: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The demo shop behind Plimsoll</title>
<style>${style}</style>
<h1>The demo shop</h1>
<p>A small API that sells things for boats. It is an ordinary Express app with one line of Plimsoll's SDK in it. Forty
customers, <code>user-01</code> to <code>user-40</code>, shop here all day at a few requests a second, so Plimsoll
learns what is normal. Watch them, and what you do below, in Plimsoll's console.</p>

<h2>Attack it</h2>
<p>From the folder of the checkout; each ends by itself after half a minute:</p>
<pre>npx plimsoll simulate --attack flood --user user-07
npx plimsoll simulate --attack brute-force --user user-11
npx plimsoll simulate --attack credential-stuffing
npx plimsoll simulate --attack probing</pre>
<p>An alert opens on the console without a reload. The demo's policy is <em>throttle</em>, so a flood is held to the
learnt limit: the shop answers 429 with Retry-After, to that user alone. Block the user on the console and it
answers 403.</p>

<h2>Or by hand</h2>
<pre>curl ${url}/products
curl -H 'authorization: Bearer token-user-07' ${url}/me
curl -H 'content-type: application/json' -d '{"user":"user-07","password":"guess"}' ${url}/login</pre>

<h2>What there is</h2>
<table>
<tr><td><code>POST /login</code></td><td>passwords are <code>password-user-07</code> and so on</td></tr>
<tr><td><code>GET /me</code></td><td>who the token belongs to</td></tr>
<tr><td><code>GET /products</code></td><td>the catalogue, <code>?page=2</code></td></tr>
<tr><td><code>GET /products/:id</code></td><td>one thing</td></tr>
<tr><td><code>GET /search?q=</code></td><td>things by name</td></tr>
<tr><td><code>POST /cart</code></td><td><code>{"productId": 1}</code></td></tr>
<tr><td><code>POST /checkout</code></td><td>turns the cart into an order</td></tr>
<tr><td><code>GET /orders/:id</code></td><td>one's own orders</td></tr>
</table>
</html>
`;
