/**
 * nmap's options that take their argument as a word of its own (nmap 7.98, nmap.cc `long_options` and the
 * short options of its getopt string). Long ones may also be written `--option=argument`.
 */
export const longWithArgument: ReadonlySet<string> = new Set([
  'data',
  'data-length',
  'data-string',
  'datadir',
  'dns-servers',
  'exclude',
  'exclude-ports',
  'excludefile',
  'host-timeout',
  'iL',
  'iR',
  'initial-rtt-timeout',
  'ip-options',
  'max-hostgroup',
  'max-os-tries',
  'max-parallelism',
  'max-rate',
  'max-retries',
  'max-rtt-timeout',
  'max-scan-delay',
  'min-hostgroup',
  'min-parallelism',
  'min-rate',
  'min-rtt-timeout',
  'mtu',
  'oA',
  'oG',
  'oH',
  'oM',
  'oN',
  'oS',
  'oX',
  'port-ratio',
  'proxies',
  'proxy',
  'resume',
  'scan-delay',
  'scanflags',
  'script',
  'script-args',
  'script-args-file',
  'script-help',
  'script-timeout',
  'servicedb',
  'sI',
  'source-port',
  'sourceport',
  'spoof-mac',
  'stats-every',
  'stylesheet',
  'timing',
  'top-ports',
  'ttl',
  'version-intensity',
  'versiondb',
  'nsock-engine',
  'route-dst',
]);

/** Two-letter options whose argument is the next word (`-oX file`) or follows at once (`-oXfile`). */
export const outputOptions: ReadonlySet<string> = new Set(['oA', 'oG', 'oM', 'oN', 'oS', 'oX', 'iL', 'iR']);

/** One-letter options whose argument follows at once (`-p80`) or is the next word (`-p 80`). */
export const lettersWithArgument = 'bDegiMmopST';

/** One-letter options that take an argument only if it follows at once (`-PS22`, `-d2`, `-v3`). */
export const lettersGlued = 'dOPv';
