import { type Command, command } from './command.ts';
import { CHECK_FLAGS, DISCOVER_FLAGS, INIT_FLAGS, PROBE_FLAGS, SERVE_FLAGS, SMS_FLAGS } from './flags.ts';
import { withHangUps } from './hang-ups.ts';
import { PROBE_EXITS } from './verdict.ts';

/** Runs when no command is named. Each command is loaded when it runs: the shell does not wait for a server that it does not need. */
export const SERVE = command(
  {
    name: 'serve',
    summary: 'Runs the exporter: every scrape probes the targets and tells which are down, and why.',
    instead: 'the name of a command comes before the flags',
    flags: SERVE_FLAGS,
    exits: {
      0: 'Stopped by SIGTERM or SIGINT; with --config.check: the configuration is good.',
      1: 'The exporter could not start, for instance because the address is in use.',
      2: 'The command line or the configuration is wrong.',
    },
  },
  (settings, streams) =>
    withHangUps(async (onHangUp) => (await import('./commands/serve.ts')).serve(settings, streams, onHangUp)),
);

const CHECK = command(
  {
    name: 'check',
    summary: 'Probes every configured target once and prints which are down, why, and what to look at.',
    instead: 'choose targets with --target',
    flags: CHECK_FLAGS,
    exits: PROBE_EXITS,
  },
  async (settings, streams) => (await import('./commands/check.ts')).check(settings, streams),
);

const PROBE = command(
  {
    name: 'probe',
    operands: '<address>...',
    summary: 'Probes addresses given by hand: host:port, [IPv6]:port or service://host.',
    flags: PROBE_FLAGS,
    exits: PROBE_EXITS,
  },
  async (settings, streams, addresses) => (await import('./commands/probe.ts')).probe(settings, streams, addresses),
);

const DISCOVER = command(
  {
    name: 'discover',
    summary: 'Lists what listens on this machine and prints a configuration for it, or compares it with one.',
    flags: DISCOVER_FLAGS,
    exits: {
      0: 'Printed, also when nothing listens; with --report: all that listens is monitored, and the other way round.',
      1: 'With --report: something is not monitored, or does not listen.',
      2: 'The command line or the configuration is wrong.',
    },
  },
  async (settings, streams) => (await import('./commands/discover.ts')).discover(settings, streams),
);

const INIT = command(
  {
    name: 'init',
    summary: 'Asks five questions and writes what it takes to be told: configuration, Prometheus, rules, Slack, SMS.',
    flags: INIT_FLAGS,
    exits: {
      0: 'Written.',
      1: 'Nothing is written: a file is there already or cannot be made, or the questions were not answered.',
      2: 'The command line is wrong, or there is no terminal to ask on and no --yes.',
    },
  },
  async (settings, streams) => (await import('./commands/init.ts')).init(settings, streams),
);

const SMS = command(
  {
    name: 'sms',
    summary: 'Runs the bridge that turns notifications of Alertmanager into SMS.',
    instead: 'the name of a command comes before the flags',
    flags: SMS_FLAGS,
    exits: {
      0: 'Stopped by SIGTERM or SIGINT; with --config.check: the configuration is good.',
      1: 'The bridge could not start, for instance because the address is in use.',
      2: 'The command line or the configuration is wrong.',
    },
  },
  (settings, streams) =>
    withHangUps(async (onHangUp) => (await import('./commands/sms.ts')).sms(settings, streams, onHangUp)),
);

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [SERVE, CHECK, PROBE, DISCOVER, INIT, SMS];
