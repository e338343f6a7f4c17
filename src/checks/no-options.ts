import { z } from 'zod';

/** For checks that have nothing to be told. */
export const NO_OPTIONS = z.strictObject({});
