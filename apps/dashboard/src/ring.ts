/** How this browser rings: a short tone made by the page itself, a notification that leads to its alert, and one tab that does so for all. */
import type { Alert } from '@plimsoll/contracts';
import { kindNames, severityNames, subjectText } from './words.js';

let audio: AudioContext | undefined;

/** Two tones, quiet. Browsers make no sound on a page that nobody has touched yet. */
export function playSound(): void {
  audio ??= new AudioContext();
  void audio.resume();
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

/** @param open leads to the alert, in the tab that rang */
export function notify(alert: Alert, open: () => void): void {
  if (mayNotify() !== 'granted') return;
  const note = new Notification(`${severityNames[alert.severity]}: ${kindNames[alert.kind]}`, {
    body: `${subjectText(alert.subject)} in ${alert.service}`,
    tag: alert.campaign ?? alert.id,
    icon: '/favicon.svg',
  });
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
