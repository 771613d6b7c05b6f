/** `npm run bench -- access [--quick]`: what a decision of the access policy costs. */
import { measureCedar } from './admin/cedar.js';
import { keep } from './report.js';

keep('admin-plane', measureCedar(process.argv.includes('--quick') ? 500 : 4_000), { by: 'npm run bench -- access' });
