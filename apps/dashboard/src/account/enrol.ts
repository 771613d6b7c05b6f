/** Makes a passkey on this device and keeps it. A further one first asks for an old one: two prompts, the first by itself. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';
import { deviceName } from './device.js';

export function useEnrol() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { makePasskey } = await import('../passkey.js');
      const attestation = await makePasskey(await callOperation('passkeyOptions', {}));
      return callOperation('addPasskey', { body: { name: deviceName(navigator.userAgent), attestation } });
    },
    onSuccess: (passkey) => toast.success('Passkey added', { description: passkey.name }),
    onError: (error) => toast.error('No passkey was added', { description: error.message }),
    onSettled: () => client.invalidateQueries(),
  });
}
