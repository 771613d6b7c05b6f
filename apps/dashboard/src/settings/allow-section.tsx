/** Who is never accused: actors, addresses, credentials. */
import type { Draft } from './draft.js';
import { LinesField } from './lines-field.js';
import { Reset } from './reset.js';
import { Section } from './section.js';

interface AllowSectionProps {
  allow: Draft['allow'];
  onChange: (part: Partial<Draft>) => void;
}

const nobody = { actors: '', addresses: '', credentials: '' };

export function AllowSection({ allow, onChange }: AllowSectionProps) {
  const set = (part: Partial<Draft['allow']>) => onChange({ allow: { ...allow, ...part } });
  const changed = Object.values(allow).some((text) => text.trim() !== '');
  return (
    <Section
      name="allow"
      actions={<Reset name="Allow-list" changed={changed} defaultText="nobody" onReset={() => onChange({ allow: nobody })} />}
    >
      <div className="grid gap-5 md:grid-cols-3">
        <LinesField
          label="Users"
          path="allow.actors"
          value={allow.actors}
          placeholder={'monitor\nload-test-1'}
          hint="One id a line, as the request logs name the user. Only where the host has authenticated it."
          onChange={(actors) => set({ actors })}
        />
        <LinesField
          label="Addresses"
          path="allow.addresses"
          value={allow.addresses}
          placeholder={'203.0.113.7\n10.0.0.0/8'}
          hint="One IP address or CIDR range a line, IPv4 or IPv6."
          onChange={(addresses) => set({ addresses })}
        />
        <LinesField
          label="Credentials"
          path="allow.credentials"
          value={allow.credentials}
          hint="One fingerprint a line, as alerts and request logs show it; never the secret itself."
          onChange={(credentials) => set({ credentials })}
        />
      </div>
    </Section>
  );
}
