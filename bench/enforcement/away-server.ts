/** Plimsoll's stand-ins for hosts whose Plimsoll fails, in a process of their own: one front for each, which misbehaves as it is told. */
import type { AddressInfo } from 'node:net';
import { FaultyFront, type Mode } from '../../libs/sdk/test/faulty-front.js';
import { key, sinkOf } from './host-sink.js';

const DECISIONS = 1_000;
const sink = sinkOf(DECISIONS);
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
const count = Number(process.argv[2] ?? 0);
const fronts: FaultyFront[] = [];
for (let index = 0; index < count; index += 1) fronts.push(await new FaultyFront((sink.address() as AddressInfo).port).start());

process.on('message', async (modes: Mode[]) => {
  for (const [index, mode] of modes.entries()) await fronts[index]?.become(mode);
  process.send?.('done');
});
process.send?.({ key, ports: fronts.map(({ port }) => port) });
