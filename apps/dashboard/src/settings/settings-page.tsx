/** What the owner of a service can tune: `/services/{id}/settings`. */
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { OneService } from '../services/one-service.js';
import { Page } from '../ui/panel.js';
import { SettingsForm } from './settings-form.js';

const route = getRouteApi('/signed-in/services/$id/settings');

export function SettingsPage() {
  const { id } = route.useParams();
  return (
    <Page
      title={`Settings of ${id}`}
      lead={
        <Link to="/services/$id" params={{ id }} className="inline-flex items-center gap-1.5 rounded-sm hover:text-ink">
          <ArrowLeft aria-hidden className="size-3.5" /> Back to the service
        </Link>
      }
    >
      <OneService id={id}>
        {(service, owner) => (
          <div className="max-w-5xl">
            {!owner && (
              <p className="mb-4 rounded-md bg-sunken px-3 py-2 text-muted text-sm">Only an owner may change settings.</p>
            )}
            <SettingsForm key={service.id} service={service} editable={owner} />
            <p className="mt-4 text-muted text-sm">
              Whether users are shown by their ids, and the erasure of one, are matters of all services:{' '}
              <Link to="/privacy" className="font-medium text-accent hover:underline">
                Privacy
              </Link>
              .
            </p>
          </div>
        )}
      </OneService>
    </Page>
  );
}
