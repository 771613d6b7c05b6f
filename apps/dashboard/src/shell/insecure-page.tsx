/** Said in place of everything where the browser gives the page no cryptography: plain http on anything but this machine. */
import { useTitle } from '../ui/title.js';
import { Logo } from './logo.js';

export function InsecurePage() {
  useTitle('Not a secure address');
  const { host, pathname } = window.location;
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <Logo className="mb-8" />
      <div className="w-full max-w-md rounded-xl border bg-surface p-6 shadow-card">
        <h1 className="font-semibold text-xl tracking-tight">This address is not secure</h1>
        <p className="mt-3 text-muted text-sm">
          Plimsoll binds your session to a key of this browser, so that a copied cookie is worth nothing. Browsers give a page
          such a key over https and on localhost only.
        </p>
        <ul className="mt-3 list-disc space-y-2 pl-5 text-sm">
          <li>
            Is there https in front of it? Open <strong className="break-all">https://{host}</strong>
            {pathname === '/' ? '' : pathname}.
          </li>
          <li>
            Does it run on this very machine? Open it at <strong>http://localhost</strong>, not by the machine’s name or number.
          </li>
          <li>
            Does it run elsewhere without https? Bring it here by <code>ssh -L 7070:localhost:7070 that-machine</code> and open{' '}
            <strong>http://localhost:7070</strong>, or put a proxy with a certificate before it and set <code>PUBLIC_URL</code>.
          </li>
        </ul>
      </div>
    </main>
  );
}
