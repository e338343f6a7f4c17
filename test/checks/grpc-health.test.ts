import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GRPC_FAMILIES,
  type Health,
  healthRequest,
  healthSamples,
  judgeHealth,
  readHealth,
} from '../../src/checks/grpc-health.ts';
import { numberField, textField } from '../../src/checks/grpc-protobuf.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import type { GrpcAnswer } from '../../src/net/grpc-message.ts';

/** An answer with that message, or with that status and no message. */
function answer(how: Partial<GrpcAnswer> | string): GrpcAnswer {
  const about = { httpStatus: 200, contentType: 'application/grpc', statusMessage: '' };
  return typeof how === 'string' ? { ...about, status: 0, message: Buffer.from(how, 'hex') } : { ...about, ...how };
}

/** What becomes of a probe with that answer: "up", or reason and detail. */
function verdict(given: GrpcAnswer, service = 'shop'): string {
  try {
    judgeHealth(readHealth(given), given, service);
    return 'up';
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    return `${error.reason}: ${error.message}`;
  }
}

describe('the request', () => {
  it.each([
    ['the whole server', '', ''],
    ['a service', 'shop', '0a0473686f70'],
    ['a service with a name that is not ASCII', 'ü', '0a02c3bc'],
    ['a service with a long name', 'a'.repeat(300), `0aac02${'61'.repeat(300)}`],
  ])('for %s is a HealthCheckRequest', (_, service, hex) => {
    const { path, message, authority } = healthRequest('shop.test:443', service);
    expect({ path, authority, hex: Buffer.from(message).toString('hex') }).toEqual({
      path: '/grpc.health.v1.Health/Check',
      authority: 'shop.test:443',
      hex,
    });
  });
});

describe('the answer', () => {
  it.each([
    ['0801', 'up'],
    ['0802', 'service_unavailable: the service "shop" is NOT_SERVING'],
    ['0803', 'unexpected_response: the server does not know the service "shop"'],
    ['', 'service_unavailable: the service "shop" is UNKNOWN'],
    ['0800', 'service_unavailable: the service "shop" is UNKNOWN'],
    ['08020801', 'up'],
    ['120368656c0801', 'up'],
    ['1a0015000000000801', 'up'],
    ['2101020304050607080801d0860301', 'up'],
    ['0a0108', 'service_unavailable: the service "shop" is UNKNOWN'],
    ['0804', 'unexpected_response: expected a HealthCheckResponse, got bytes 0804'],
    ['08ffffffffffffffffff01', 'unexpected_response: expected a HealthCheckResponse, got bytes 08ffffffffffffffffff01'],
    ['08', 'unexpected_response: expected a HealthCheckResponse, got bytes 08'],
    ['0880', 'unexpected_response: expected a HealthCheckResponse, got bytes 0880'],
    [
      '08ffffffffffffffffffff01',
      'unexpected_response: expected a HealthCheckResponse, got bytes 08ffffffffffffffffffff01',
    ],
    ['0801ff', 'unexpected_response: expected a HealthCheckResponse, got bytes 0801ff'],
    ['080112ff', 'unexpected_response: expected a HealthCheckResponse, got bytes 080112ff'],
    ['08011205aa', 'unexpected_response: expected a HealthCheckResponse, got bytes 08011205aa'],
    ['0801150000', 'unexpected_response: expected a HealthCheckResponse, got bytes 0801150000'],
    [
      '080112ffffffffffffffffff01',
      'unexpected_response: expected a HealthCheckResponse, got bytes 080112ffffffffffffffffff01',
    ],
    ['08010b', 'unexpected_response: expected a HealthCheckResponse, got bytes 08010b'],
    ['0001', 'unexpected_response: expected a HealthCheckResponse, got bytes 0001'],
  ])('with the bytes %s is judged', (hex, expected) => {
    expect(verdict(answer(hex))).toBe(expected);
  });

  it.each<[how: Partial<GrpcAnswer>, expected: string]>([
    [{ status: 0 }, 'unexpected_response: expected a HealthCheckResponse, got "nothing"'],
    [
      { status: 5, statusMessage: 'unknown service' },
      'unexpected_response: the server does not know the service "shop"',
    ],
    [
      { status: 12, statusMessage: 'unknown service grpc.health.v1.Health' },
      'unexpected_response: there is no health service (grpc.health.v1.Health): UNIMPLEMENTED "unknown service grpc.health.v1.Health"',
    ],
    [
      { status: 14, statusMessage: 'no\nbackend' },
      'service_unavailable: the health check ended with UNAVAILABLE "no backend"',
    ],
    [{ status: 8 }, 'service_unavailable: the health check ended with RESOURCE_EXHAUSTED'],
    [{ status: 4 }, 'service_unavailable: the health check ended with DEADLINE_EXCEEDED'],
    [{ status: 16 }, 'unexpected_response: the health check ended with UNAUTHENTICATED'],
    [{ status: 13 }, 'unexpected_response: the health check ended with INTERNAL'],
    [{ status: 99 }, 'unexpected_response: the health check ended with code 99'],
    [
      { httpStatus: 503, contentType: 'text/plain' },
      'service_unavailable: the health check ended with HTTP status 503 instead of gRPC, content type "text/plain"',
    ],
    [
      { httpStatus: 404, contentType: 'text/html' },
      'unexpected_response: there is no health service (grpc.health.v1.Health): HTTP status 404 instead of gRPC, content type "text/html"',
    ],
    [
      { httpStatus: 200, contentType: '' },
      'unexpected_response: the health check ended with HTTP status 200 instead of gRPC',
    ],
  ])('%j is judged', (how, expected) => {
    expect(verdict(answer(how))).toBe(expected);
  });

  it('of the whole server is named so', () => {
    expect(verdict(answer('0802'), '')).toBe('service_unavailable: the server as a whole is NOT_SERVING');
  });
});

describe('the samples', () => {
  const of = (health: Health) =>
    healthSamples(health, true).map(({ name, labels, value }) => [name, ...Object.values(labels), value].join(' '));

  it('show each status a service can have, and the one it has', () => {
    expect(of(readHealth(answer('0802')))).toEqual([
      'probe_grpc_ssl 1',
      'probe_grpc_status_code 0',
      'probe_grpc_healthcheck_response UNKNOWN 0',
      'probe_grpc_healthcheck_response SERVING 0',
      'probe_grpc_healthcheck_response NOT_SERVING 1',
      'probe_grpc_healthcheck_response SERVICE_UNKNOWN 0',
    ]);
  });

  it('are of the families that there are', () => {
    const names = healthSamples({ code: 0 }, false).map(({ name }) => name);
    expect(Object.values(GRPC_FAMILIES)).toEqual(expect.arrayContaining(names));
  });

  it('have the code that a status of HTTP stands for', () => {
    expect(of(readHealth(answer({ httpStatus: 401 })))).toContain('probe_grpc_status_code 16');
    expect(of(readHealth(answer({ httpStatus: 302 })))).toContain('probe_grpc_status_code 2');
  });
});

describe('messages', () => {
  it('of any bytes are read or refused, and never for long', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const number = numberField(1, Buffer.from(bytes));
        expect(number === undefined || number >= 0).toBe(true);
      }),
    );
  });

  it('come back as they were written, other fields or none between', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 2, max: 2 ** 20 }),
        fc.integer({ min: 0, max: 127 }),
        (text, field, value) => {
          const message = Buffer.concat([textField(field, text), Buffer.of(8, value), textField(field, text)]);
          expect(numberField(1, message)).toBe(value);
        },
      ),
    );
  });
});
