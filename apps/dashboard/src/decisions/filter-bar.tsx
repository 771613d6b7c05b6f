/** Which decisions the page shows: in which state, by whom, in which service. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { servicesQuery } from '../queries.js';
import { Field, Select } from '../ui/field.js';
import { Segmented } from '../ui/segmented.js';
import { choices, type DecisionSearch } from './search.js';

const route = getRouteApi('/signed-in/decisions');

export function DecisionFilterBar() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const services = useQuery(servicesQuery).data?.items ?? [];
  const change = (part: DecisionSearch) => {
    const next = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  return (
    <div className="mb-4 flex flex-wrap items-end gap-3">
      <div className="max-w-full overflow-x-auto">
        <Segmented
          label="Show"
          value={search.show ?? 'active'}
          choices={choices}
          onChange={(show) => change({ show: show === 'active' ? undefined : show })}
        />
      </div>
      <Field label="By" className="w-36">
        {(ids) => (
          <Select
            {...ids}
            value={search.by ?? ''}
            onChange={({ target: { value } }) => change({ by: value === 'policy' || value === 'person' ? value : undefined })}
          >
            <option value="">anybody</option>
            <option value="policy">policies</option>
            <option value="person">people</option>
          </Select>
        )}
      </Field>
      <Field label="Service" className="w-44">
        {(ids) => (
          <Select
            {...ids}
            value={search.service ?? ''}
            onChange={(event) => change({ service: event.target.value || undefined })}
          >
            <option value="">all</option>
            {services.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}
