/** The dialogs of several pages, each loaded when it is first opened. */
import { dialogOnDemand } from './ui/on-demand.js';

export const KeyboardHelp = dialogOnDemand(() => import('./shell/keyboard-help.js').then((module) => module.KeyboardHelp));
export const CommandPalette = dialogOnDemand(() => import('./shell/command-palette.js').then((module) => module.CommandPalette));
export const TriageDialogs = dialogOnDemand(() => import('./alerts/triage-dialogs.js').then((module) => module.TriageDialogs));
export const AllowDialog = dialogOnDemand(() => import('./alerts/allow-dialog.js').then((module) => module.AllowDialog));
export const EraseDialog = dialogOnDemand(() => import('./privacy/erase-dialog.js').then((module) => module.EraseDialog));
export const RevealDialog = dialogOnDemand(() => import('./privacy/reveal-dialog.js').then((module) => module.RevealDialog));
export const DecideDialog = dialogOnDemand(() => import('./decisions/decide-dialog.js').then((module) => module.DecideDialog));
