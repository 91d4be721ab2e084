import { ansibleInventoryJson } from './ansible-inventory-json.ts';
import { expectationsCsv } from './expectations-csv.ts';
import { expectationsJson } from './expectations-json.ts';
import { expectationsJsonl } from './expectations-jsonl.ts';
import { glpiInventory } from './glpi-inventory.ts';
import { gossJson } from './goss-json.ts';
import { hostPortsLines } from './host-ports-lines.ts';
import { idoitListenerJson } from './idoit-listener-json.ts';
import { idoitXml } from './idoit-xml.ts';
import type { InventoryImporter } from './importer.ts';
import { jsonProfile } from './json-profile.ts';
import { netboxCsv } from './netbox-csv.ts';
import { netboxJson } from './netbox-json.ts';
import { nmapAnalyzeJson } from './nmap-analyze-json.ts';
import { nmapBaseline } from './nmap-baseline.ts';
import { oscalSsp } from './oscal-ssp.ts';
import { rogueportJson } from './rogueport-json.ts';
import { serviceNowUnloadXml, serviceNowUpdateXml, xmlProfile } from './xml-profile.ts';

/** Every inventory format, in the order in which they are tried. */
export const importers: readonly InventoryImporter[] = [
  expectationsJsonl,
  expectationsJson,
  netboxJson,
  idoitListenerJson,
  ansibleInventoryJson,
  nmapAnalyzeJson,
  gossJson,
  rogueportJson,
  expectationsCsv,
  netboxCsv,
  serviceNowUnloadXml,
  serviceNowUpdateXml,
  oscalSsp,
  glpiInventory,
  idoitXml,
  nmapBaseline,
  hostPortsLines,
  xmlProfile,
  jsonProfile,
];
