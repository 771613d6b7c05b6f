/** How this browser rings: a short tone made by the page itself, a notification that leads to its alert, and one tab that does so for all. */
import type { Alert } from '@plimsoll/contracts';
import { kindNames, severityNames, subjectText } from './words.js';

let audio: AudioContext | undefined;

/** A tone that could not begin within this time is let go: all of them at the first click would be a noise. */
const FRESH_MS = 1_000;

/** Two tones, quiet. Browsers make no sound on a page that nobody has touched yet: then it is let go. */
export function playSound(): void {
  const asked = performance.now();
  audio ??= new AudioContext();
  const context = audio;
  context.resume().then(
    () => context.state === 'running' && performance.now() - asked < FRESH_MS && tones(context),
    () => {},
  );
}

function tones(audio: AudioContext): void {
  const volume = audio.createGain();
  volume.connect(audio.destination);
  const begin = audio.currentTime;
  volume.gain.setValueAtTime(0.08, begin);
  volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.45);
  const tone = audio.createOscillator();
  tone.frequency.setValueAtTime(660, begin);
  tone.frequency.setValueAtTime(880, begin + 0.15);
  tone.connect(volume);
  tone.start(begin);
  tone.stop(begin + 0.45);
}

/** What was asked of the person before; `denied` can be undone in the browser's own settings alone. */
export const mayNotify = (): NotificationPermission | 'unsupported' =>
  typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;

export const askToNotify = async (): Promise<boolean> =>
  mayNotify() !== 'unsupported' && (await Notification.requestPermission()) === 'granted';

/** Undefined where the browser, as on a phone, takes notifications of a service worker alone. */
function noteOf(alert: Alert): Notification | undefined {
  try {
    return new Notification(`${severityNames[alert.severity]}: ${kindNames[alert.kind]}`, {
      body: `${subjectText(alert.subject)} in ${alert.service}`,
      tag: alert.campaign ?? alert.id,
      icon: '/favicon.svg',
    });
  } catch {
    return undefined;
  }
}

/** @param open leads to the alert, in the tab that rang */
export function notify(alert: Alert, open: () => void): void {
  if (mayNotify() !== 'granted') return;
  const note = noteOf(alert);
  if (!note) return;
  note.onclick = () => {
    window.focus();
    open();
    note.close();
  };
}

let first = false;
// Held until the tab is closed; the next in line then rings.
if (typeof navigator !== 'undefined' && navigator.locks) {
  void navigator.locks
    .request('plimsoll-bell', () => {
      first = true;
      return new Promise(() => {});
    })
    .catch(() => {});
}

/** Whether this is the tab that rings for all. */
export const isRinger = (): boolean => first;
