/** A process that refreshes a session and is killed between the commit and its answer. Arguments: database, token, thumbprint. */
import { openDatabase, rotateSession } from '@plimsoll/storage';

const [databaseUrl = '', token = '', jkt = ''] = process.argv.slice(2);
const { db } = openDatabase(databaseUrl, { max: 1 });
await rotateSession(db, { token, jkt, count: 1, address: '' }, Date.now());
process.kill(process.pid, 'SIGKILL');
