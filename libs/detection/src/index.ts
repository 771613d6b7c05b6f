/** The public face of the model. */
export type { AddressContribution, Contribution, ContributionBatch, EndpointContribution, Population } from './contribution.js';
export type { Finding, Phase } from './finding.js';
