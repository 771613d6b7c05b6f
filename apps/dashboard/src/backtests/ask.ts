/** Asks for a backtest: from its own page, and from settings that are changed and not yet saved. */
import type { BodyOf } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';

export function useAskBacktest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyOf<'createBacktest'>) => callOperation('createBacktest', { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['backtests'] }),
  });
}
