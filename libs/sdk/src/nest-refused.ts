/**
 * A request that NestJS has let in and Plimsoll refuses: an HttpException like others for the host's filters, and our own
 * problem document where none of them takes it. Nest itself would change the document's type on some platforms.
 */
import type { ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type Reply, refuse } from './refusal.js';

export class Refused extends HttpException {
  constructor(readonly reply: Reply) {
    super(reply.text.startsWith('{') ? JSON.parse(reply.text) : reply.text, reply.status);
  }
}

/** What is used of Fastify's reply. */
interface FastifyReply {
  raw: ServerResponse;
  code(status: number): { headers(values: Record<string, string>): { send(payload: Uint8Array): unknown } };
}

export class RefusedFilter implements ExceptionFilter<Refused> {
  catch({ reply }: Refused, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse | FastifyReply>();
    if ('raw' in response) response.code(reply.status).headers(reply.headers).send(Buffer.from(reply.text));
    else refuse(response, reply);
  }
}
Catch(Refused)(RefusedFilter);
