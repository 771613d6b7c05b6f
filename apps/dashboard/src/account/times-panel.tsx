/** In which time zone this browser tells times. Numbers and dates are written as the browser's language has it. */
import { useEffect, useRef } from 'react';
import { exact, measure, moment, percent, zoneName } from '../format.js';
import { BROWSER, browserZone, chooseZone, useReader, useZoneChoice, zoneNames } from '../reader.js';
import { Facts } from '../ui/facts.js';
import { Field, Select } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { useNow } from '../ui/time.js';

/** `Europe/Berlin` stands below Europe. */
const regionOf = (zone: string) => zone.slice(0, Math.max(0, zone.indexOf('/'))) || 'Other';
const placeOf = (zone: string) => zone.slice(zone.indexOf('/') + 1).replaceAll('_', ' ');

function regions(): [region: string, zones: string[]][] {
  const all = new Map<string, string[]>();
  for (const zone of zoneNames()) all.set(regionOf(zone), [...(all.get(regionOf(zone)) ?? []), zone]);
  return [...all].sort(([a], [b]) => a.localeCompare(b));
}

export function TimesPanel() {
  const choice = useZoneChoice();
  const { locale } = useReader();
  const now = useNow();
  const frame = useRef<HTMLDivElement>(null);
  // The account is asked for first, so that the browser itself finds nothing to go to.
  useEffect(() => {
    if (window.location.hash === '#times') frame.current?.scrollIntoView({ block: 'center' });
  }, []);
  return (
    <div id="times" ref={frame}>
      <Panel title="Times and numbers">
        <div className="space-y-4 px-4 py-4">
          <Field
            label="Time zone"
            hint="Of this browser alone, for everything that the console shows. Exported files have UTC."
            className="max-w-72"
          >
            {(ids) => (
              <Select {...ids} value={choice} onChange={(event) => chooseZone(event.target.value)}>
                <option value={BROWSER}>As the browser has it ({browserZone()})</option>
                <option value="UTC">UTC</option>
                {choice !== BROWSER && choice !== 'UTC' && !zoneNames().includes(choice) && <option>{choice}</option>}
                {regions().map(([region, zones]) => (
                  <optgroup key={region} label={region}>
                    {zones.map((zone) => (
                      <option key={zone} value={zone}>
                        {placeOf(zone)}
                      </option>
                    ))}
                  </optgroup>
                ))}
              </Select>
            )}
          </Field>
          <Facts
            facts={[
              ['Now', moment(now)],
              ['Zone', zoneName()],
              ['Numbers', `${exact(1_234_567)} · ${measure(4.25)} · ${percent(0.125, 1)}`],
              ['Written as in', `${locale}, the language of the browser`],
            ]}
          />
        </div>
      </Panel>
    </div>
  );
}
