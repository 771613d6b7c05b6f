/** Changes a service and shows the answer everywhere. Who calls it says how it went. */
import type { BodyOf, Service } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';

export function useUpdateService(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyOf<'updateService'>) => callOperation('updateService', { params: { id }, body }),
    onSuccess: (changed) => {
      client.setQueryData<{ items: Service[] }>(
        ['services'],
        (old) => old && { items: old.items.map((each) => (each.id === changed.id ? changed : each)) },
      );
    },
  });
}
