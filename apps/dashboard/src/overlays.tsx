/**
 * Dialogs as pages use them: loaded apart, since nobody needs one before the first page stands. While the code of one comes, a
 * scrim takes its place and with it the keyboard: what is typed for the palette must not act on the alerts behind it.
 */
import { type ComponentType, createElement, lazy, Suspense } from 'react';

const loads: (() => Promise<unknown>)[] = [];

/** To be rendered only while it is open. */
function overlay<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => React.ReactNode {
  loads.push(load);
  const Lazy = lazy(async () => ({ default: await load() }));
  return (props) => <Suspense fallback={<Waiting />}>{createElement(Lazy as ComponentType<P>, props)}</Suspense>;
}

/** A dialog to the shortcuts (keys.ts), and to a screen reader one that is busy. */
const Waiting = () => <div role="dialog" aria-modal aria-busy aria-label="Loading" className="fixed inset-0 z-40 bg-scrim" />;

export const KeyboardHelp = overlay(() => import('./shell/keyboard-help.js').then((module) => module.KeyboardHelp));
export const CommandPalette = overlay(() => import('./shell/command-palette.js').then((module) => module.CommandPalette));
export const TriageDialogs = overlay(() => import('./alerts/triage-dialogs.js').then((module) => module.TriageDialogs));
export const AllowDialog = overlay(() => import('./alerts/allow-dialog.js').then((module) => module.AllowDialog));
export const DecideDialog = overlay(() => import('./decisions/decide-dialog.js').then((module) => module.DecideDialog));

export const preloadOverlays: readonly (() => Promise<unknown>)[] = loads;
