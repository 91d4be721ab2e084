import type { MappingProfile } from './importer.ts';

const running = ['1', '3', '4', '5', 'Installed', 'In Maintenance', 'Pending Install', 'Pending Repair'];

const serviceNow = {
  fields: {
    externalId: ['sys_id'],
    selector: ['ip_address', 'u_ip_address'],
    ports: ['u_allowed_ports', 'u_open_ports', 'u_ports'],
    owner: ['support_group/@display_value', 'owned_by/@display_value', 'assigned_to/@display_value'],
    description: ['fqdn', 'name', 'host_name'],
  },
  constants: { expect: 'allowed' },
  values: {},
  hosts: 'present',
  removal: { path: '@action', value: 'DELETE' },
  only: { path: 'install_status', values: running },
} as const;

/**
 * Configuration items of ServiceNow. It has no field for ports: sites add one, often named as tried here. The root of
 * a list export is `xml`. Who asks for a class gets its children too, so records may have any name.
 */
export const serviceNowUnload: MappingProfile = {
  ...serviceNow,
  name: 'servicenow-unload',
  title: 'ServiceNow export of configuration items (unload, list export)',
  records: ['unload/*', 'xml/*'],
  revision: 'unload/@unload_date',
  isSnapshot: true,
};

/** One configuration item of ServiceNow, as update sets hold it. */
export const serviceNowUpdate: MappingProfile = {
  ...serviceNow,
  name: 'servicenow-update',
  title: 'ServiceNow record_update',
  records: ['record_update/*'],
  isSnapshot: false,
};

const guesses = {
  externalId: ['external_id', 'externalId', 'id', '@id', 'sys_id'],
  addressSpace: ['address_space', 'addressSpace', '@address_space'],
  selector: [
    'selector',
    '@selector',
    'ip_address',
    'ipAddress',
    'ip',
    '@ip',
    'address',
    '@address',
    'ipv4',
    'ipv6',
  ],
  view: ['view', '@view'],
  protocol: ['protocol', '@protocol'],
  ports: ['ports', '@ports', 'ports/port', 'port', '@port', 'open_ports', 'openPorts'],
  expect: ['expect', '@expect'],
  service: ['service', '@service'],
  owner: ['owner', '@owner'],
  ticket: ['ticket', '@ticket'],
  description: ['description', 'fqdn', 'hostname', 'name', '@name'],
  validFrom: ['valid_from', 'validFrom', '@valid_from'],
  validUntil: ['valid_until', 'validUntil', '@valid_until'],
} as const;

/** Records below the root with the usual names for their fields. */
export const genericXml: MappingProfile = {
  name: 'generic',
  title: 'records below the root, with usual names for their fields',
  records: ['*/*'],
  fields: guesses,
  constants: {},
  values: {},
  isSnapshot: false,
};

/** The same of a list of JSON objects. */
export const genericJson: MappingProfile = { ...genericXml, records: ['*'] };

/** The profiles that can be named. */
export const profiles: readonly MappingProfile[] = [serviceNowUnload, serviceNowUpdate, genericXml];
