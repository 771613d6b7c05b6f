/** What can be done with the draft of one policy: check it, try it, save it, remove it. */
import type { AccessPolicyView } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';

export type Edit = ReturnType<typeof useEdit>;

export function useEdit(policy: AccessPolicyView | undefined, draft: { name: string; text: string }, onDone: () => void) {
  const client = useQueryClient();
  const { name, text } = draft;
  const done = (word: string) => {
    toast.success(word, { description: name });
    void client.invalidateQueries({ queryKey: ['access-policies'] });
    void client.invalidateQueries({ queryKey: ['me'] });
    onDone();
  };
  const check = useMutation({
    mutationFn: (draftText: string) => callOperation('checkAccessPolicy', { body: { text: draftText } }),
  });
  const simulate = useMutation({
    mutationFn: async () => {
      await check.mutateAsync(text);
      return callOperation('simulateAccessPolicy', { body: { text, ...(policy && { id: policy.id }) } });
    },
  });
  const save = useMutation({
    // Faults first: nobody should prove presence for what cannot be saved.
    mutationFn: async () => {
      const { faults } = await check.mutateAsync(text);
      if (faults.some(({ severity }) => severity === 'error')) throw new Error('The policy has faults: it was not saved.');
      return policy
        ? callOperation('updateAccessPolicy', { params: { id: policy.id }, body: { name, text, version: policy.version } })
        : callOperation('createAccessPolicy', { body: { name, text } });
    },
    onSuccess: () => done('Policy saved'),
  });
  const remove = useMutation({
    mutationFn: () => callOperation('deleteAccessPolicy', { params: { id: policy?.id ?? '' } }),
    onSuccess: () => done('Policy removed'),
  });
  const forget = () => {
    for (const mutation of [check, simulate, save, remove]) mutation.reset();
  };
  return { check, simulate, save, remove, forget, error: save.error ?? simulate.error ?? check.error };
}
