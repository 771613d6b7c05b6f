/** The part of the admin API that is about who makes requests and where: search, baselines, whom somebody is met with. */
import { z } from 'zod';
import { historyFilterQuery } from './history-filter.js';
import { idParam, operation } from './operation.js';
import { contactsSchema, endpointBaselineSchema, foundSchema, outlookSchema, sourceTypeSchema } from './subject-views.js';
import { clientText } from './text.js';

export const subjectOperations = {
  search: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/search',
    tag: 'traffic',
    summary: 'Services, endpoints, actors, addresses and credentials that a text is part of; those of the history begin with it',
    /** One letter is a part of nearly every name: nobody is found by it. */
    query: z.strictObject({ text: clientText(256, 2) }),
    response: z.object({
      items: z.array(foundSchema),
      /** Whether the requests of the last day were looked through too. */
      history: z.boolean(),
    }),
    status: 200,
  }),
  outlook: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/services/{id}/outlook',
    tag: 'traffic',
    summary:
      'What was learnt of an actor or address: on each endpoint what is expected of it now, and from where on it stands out',
    params: idParam,
    query: z.strictObject({ type: sourceTypeSchema, subject: clientText(256) }),
    response: outlookSchema,
    status: 200,
  }),
  endpointBaseline: operation({
    action: 'traffic.read',
    method: 'GET',
    path: '/api/services/{id}/baseline',
    tag: 'traffic',
    summary: 'What was learnt of everybody on an endpoint: who is new there is measured by it; nothing where nothing was learnt',
    params: idParam,
    query: z.strictObject({ endpoint: clientText(768) }),
    response: endpointBaselineSchema,
    status: 200,
  }),
  contacts: operation({
    action: 'history.read',
    method: 'GET',
    path: '/api/history/contacts',
    tag: 'history',
    summary: 'Actors, addresses, devices, credentials and endpoints of the requests that a filter means, and which follows which',
    query: z.strictObject(historyFilterQuery),
    response: contactsSchema,
    status: 200,
  }),
} as const;
