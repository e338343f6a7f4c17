// One line for each service.
export { redis } from './redis.ts';
