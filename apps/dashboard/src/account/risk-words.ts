/** What the console holds against the person itself, in words. Pure. */
import type { OwnRisk } from '@plimsoll/contracts';
import { kindMeanings, kindNames } from '../words.js';

/** Why, a line each. */
export function riskReasons({ level, signals }: Pick<OwnRisk, 'level' | 'signals'>): string[] {
  if (level === 0) return [];
  if (signals.length > 0) return signals.map((kind) => `${kindNames[kind]}: ${kindMeanings[kind]}.`);
  return ['What was found cannot be read just now, or there is too much of it: until it can be told, everybody counts as high.'];
}

/** What follows from it. */
export const riskTakes: Record<OwnRisk['takes'], string> = {
  nothing:
    'It takes nothing from you yet. From 50 on every change asks for your passkey; above 80 nothing can be changed or exported.',
  'changes-without-proof':
    'Until it has fallen below 50, every change asks for your passkey. Above 80 nothing could be changed or exported.',
  changes: 'Until it has fallen to 80, you can look at everything, and change and export nothing.',
};
