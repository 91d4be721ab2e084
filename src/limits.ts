/** Every limit of the program on foreign data, each with its reason. */
export const limits = {
  /** Bytes copied into the embedded database after which its log is cut; without it, that grows for ever. */
  embeddedCheckpointBytes: 16 << 20,
  /** Transactions after which the log of the embedded database is cut, however small they were. */
  embeddedCheckpointCommits: 200,
  /** Transactions after which the embedded database is vacuumed; it has nobody who does it in the background. */
  embeddedVacuumCommits: 2000,
  /** Bytes at the end of a report in which its end mark is looked for, after which only post-scan scripts may come. */
  reportTailBytes: 64 << 10,
  /** How often one report may turn out otherwise than assumed before we call it a bug of ours. */
  ingestAttemptsMax: 6,
  /** How often one report is taken in again because the database ended a deadlock with another at its cost. */
  conflictAttemptsMax: 10,
  /** Open ports of one host that are kept as a list with an index; a tarpit's 65,535 are kept as ranges. */
  openListMax: 1000,
  /** Hosts whose states are loaded and written at once: a few megabytes of text. */
  intakeBatchMax: 500,
  /** Hosts whose histories are loaded and folded at once, in the server's own thread. */
  refoldBatchMax: 100,
  /** Bytes of log rows that wait in memory for the end of an ingest, so that the log is locked only briefly. */
  logBufferBytesMax: 8 << 20,
  /** Networks and ranges of a scope that a receipt lists. */
  receiptRangesMax: 100,
  /** Instants whose text is kept: the hosts of a scan end within a few seconds of one another. */
  instantTextsMax: 1000,
  /** Problems that a receipt lists; the rest is counted. */
  receiptProblemsMax: 100,
  /** How far a report may lie in the future before it is refused: clocks of scanners drift. */
  clockSkewMs: 10 * 60 * 1000,
  /** Bytes up to which a report is read in the server's own thread: parsing takes a few milliseconds. */
  inlineReportBytesMax: 64 << 10,
  /**
   * Megabytes for the young objects of a worker thread. Node's own 48 let garbage grow old: a process that takes in
   * 284 MB of XML then has 382 MB at its peak instead of 251, and is no faster.
   */
  workerYoungMegabytes: 12,
  /** Worker threads that wait for the next report. */
  idleWorkersMax: 2,
  /**
   * Bytes of one host record or tag of an XML report. nmap never collapses open ports, so a tarpit scanned with
   * `-p-` lists 65,535 of them at about 230 bytes each: 15 MB.
   */
  recordBytesMax: 16 << 20,
  /** For which a file of an inbox must keep its size and time before it counts as complete. */
  inboxSettleMs: 2000,
  /** The same for a report whose form has no end: naabu and others write a line when they find something. */
  inboxOpenEndedMs: 30_000,
  /** Between two looks at an inbox in which nothing is said to have changed. */
  inboxPollMs: 30_000,
  /**
   * For which a report that breaks off must keep still before it counts as broken off: nmap writes host group by host
   * group, with long silences between.
   */
  inboxUnfinishedMs: 3_600_000,
  /** Files of one folder of an inbox that are considered at once; the rest waits for the next look. */
  inboxFilesMax: 10_000,
  /** Attempts to reach a server that is away, each after twice the time of the one before: 7 seconds in all. */
  pushAttemptsMax: 4,
  /** Before the second attempt. */
  pushRetryMs: 1000,
  /** For which a server may ask to be left alone (Retry-After) before `push` gives up instead of waiting. */
  pushRetryAfterMsMax: 60_000,
  /** Reports of a spool at which a server may fail before it is left alone until the next push. */
  pushFaultsMax: 3,
  /** After which a file that a killed `push` left in a spool directory is removed. */
  spoolLeftoverMs: 24 * 3600 * 1000,
  /** Nested lists and objects of JSON; the deepest that is read (TLS handshakes of zgrab2) has 14. */
  jsonNestingMax: 32,
  /** Addresses that one host can have; more in the scope of its own listing are a network. */
  hostAddressesMax: 256,
  /** Nested elements; nmap nests scripts about ten deep, the limit of XML shape bombs is far below any stack. */
  nestingMax: 64,
  /** Attributes of one element; nmap's longest has 16. Looking for repeated ones is quadratic. */
  attributesMax: 64,
  /** Characters of one value that is kept (name, product, reason). Longer ones are cut, nobody reads them. */
  valueCharactersMax: 64 << 10,
  /** Bytes of one line of a line format. A grepable host line with 65,535 ports and versions is about 5 MB. */
  lineBytesMax: 8 << 20,
  /** Bytes of one report after decompression: 500,000 hosts with services are about 2.2 GB of XML. */
  reportBytesMax: 4 * 2 ** 30,
  /** How many times larger than its gzip a report may be. nmap XML of equal hosts reaches 60; zeroes reach 1,029. */
  gzipRatioMax: 200,
  /** Decompressed bytes below which no ratio is looked at: small files compress oddly and cost nothing. */
  gzipRatioFloorBytes: 8 << 20,
  /** Bytes from which the format of a report is detected. Licence texts and console noise may come first. */
  detectBytesMax: 64 << 10,
  /** Bytes that are handed to a reader at once, so that its records fit in memory. */
  readerChunkBytesMax: 256 << 10,
  /** Entries of a reader's memory of texts it has read before; the texts of one network are few. */
  memoEntriesMax: 4096,
  /** Characters of a text worth remembering; longer ones rarely come again. */
  memoCharactersMax: 2048,
  /** Intervals into which the target specifications of one command line may expand (`*.*.*.1` is 16 million). */
  targetIntervalsMax: 100_000,
  /** Problems of one report that are told; more say nothing new, and a foreign file may hold millions. */
  problemsMax: 1000,
  /** Items of one page of a connection; more is an error, so that nobody believes to have seen everything. */
  pageItemsMax: 100,
  /** Items whose details are read together: those of a page of pages go into a few statements. */
  batchItemsMax: 500,
  /** Items of a page where the caller names no size. */
  pageItemsDefault: 50,
  /** Bytes of one GraphQL document; the longest of our own is 3 kB. An AST takes 60 times its text. */
  documentBytesMax: 64 << 10,
  /** Bytes of all documents whose parsed form is kept: at 60 times that, 60 MB. */
  documentCacheBytesMax: 1 << 20,
  /** Lexical tokens of one document; parsing 100,000 fields takes seconds, 1,000 tokens take a millisecond. */
  documentTokensMax: 1000,
  /** Fields inside one another. The deepest useful query (host, endpoints, views, scan, receipt, scope) has 10. */
  documentDepthMax: 12,
  /** Depth below `__schema`: GraphiQL's own introspection asks for 13 levels of `ofType`. */
  introspectionDepthMax: 20,
  /** Renamed fields of one document; they repeat costly fields under other names. */
  documentAliasesMax: 15,
  /** Directives of one document; `@a@a@a…` costs the validator more than it says. */
  documentDirectivesMax: 10,
  /** Characters of a foreign name inside one of our messages. */
  echoedCharactersMax: 80,
  /** Cost of one operation, in values that it may ask for: about a quarter of a second and 3 MB. */
  operationCostMax: 50_000,
  /** Ids of one `nodes` query, and entries of one list of a filter. */
  filterEntriesMax: 100,
  /** Bytes of one JSON request; documents have 64 kB, variables the rest. */
  jsonBodyBytesMax: 1 << 20,
  /** Bytes of one multipart request, which is held in memory. Larger reports go through PUT. */
  multipartBodyBytesMax: 16 << 20,
  /** Bytes of one WebSocket frame: a document and its variables. */
  webSocketFrameBytesMax: 64 << 10,
  /** Until a WebSocket says `connection_init`. */
  webSocketInitMs: 3000,
  /** Operations of one WebSocket at a time. */
  webSocketOperationsMax: 20,
  /** WebSockets of all clients together: 10,000 subscribers have 230 MB. */
  webSocketsMax: 12_000,
  /** Between two pings; a socket that does not answer one until the next is closed. */
  webSocketPingMs: 12_000,
  /** Uploads of one client at a time. */
  uploadsOfClientMax: 4,
  /** Uploads of all clients at a time. */
  uploadsMax: 32,
  /** Without a byte of an upload or of a request's header. */
  uploadIdleMs: 60_000,
  /** Parts of one upload. */
  uploadPartsMax: 100,
  /** Uploads that were prepared and have not ended; each is a few hundred bytes and a directory. */
  preparedUploadsMax: 1000,
  /** Until an upload that was prepared, or the answer to one that ended, is forgotten. */
  uploadExpiryMs: 24 * 3600 * 1000,
  /** Between SIGTERM and the end of what is still running. */
  shutdownMs: 8000,
  /** Characters of one value in the log. */
  logValueCharactersMax: 1024,
  /** Characters of the name of an address space, scanner group or scanner: it stands in tables and reports. */
  nameCharactersMax: 100,
  /** Characters of a description; a page of text. */
  descriptionCharactersMax: 10_000,
  /** Consecutive scans that a threshold may ask for; at one scan a day, three months. */
  thresholdScansMax: 100,
  /** Days of a reopen window: ten years. */
  reopenWindowDaysMax: 3650,
  /** Seconds of an agreement window, and between two expected scans: a year. */
  settingSecondsMax: 31_536_000,
  /** Ranges of a scanner's default scope; beyond that it belongs to the upload. */
  defaultScopeRangesMax: 10_000,
  /** Rows of each small table (address spaces, scanner groups, scanners), which are read whole: 10,000 have 5 MB. */
  smallTableRowsMax: 10_000,
  /** Characters of one text of a filter; a DNS name has 253. */
  filterCharactersMax: 256,
  /** Single ports of a filter that are looked up by index; a longer list is compared row by row. */
  indexedPortsMax: 64,
  /** Hosts of two scans that are held against each other at once: contents of about 1 kB each. */
  comparedHostsMax: 2048,
  /** Hosts whose states are fetched at once for a page of endpoints: about 2 MB of text. */
  hostBatchMax: 256,
  /** Sets of addresses and profiles of scans that are kept parsed; one of 10,000 ranges has about 1 MB. */
  scopeCacheEntriesMax: 1000,
  /** Addresses up to which a covered set is filed address by address; scans of single hosts may be thousands. */
  smallScopeAddressesMax: 16,
  /** Entries of the log that wait for one subscriber; each is about 500 bytes, so 1,000 subscribers have 500 MB at worst. */
  followQueueEntriesMax: 1000,
  /** Entries of the log that are read at once, by the live reader and for each replay. */
  followPageEntriesMax: 1000,
  /** Without taking an event, while the queue is full, before a subscriber is let go. */
  followStallMs: 5000,
  /** Between two looks at the log although nobody called: a notification may be lost with its connection. */
  followPollMs: 5000,
  /** Until a reader of the log that failed tries again. */
  followRetryMs: 1000,
  /** Periods of one count over time: ten years of days. */
  fleetPeriodsMax: 3660,
  /** Hosts that may share a name or MAC and still be taken for twins: two families, a few addresses each. */
  twinsOfMarkMax: 8,
  /** Pairs of twins of one database. */
  twinPairsMax: 100_000,
  /** Hosts whose history is pruned in one transaction, for which reports of the scanner wait. */
  pruneBatchMax: 1000,
  /** Between two looks for what is due. */
  tickMs: 30_000,
  /** Bytes of one inventory: 200,000 services of NetBox have 200 MB as JSON. */
  inventoryBytesMax: 512 << 20,
  /** Characters of an inventory that can only be read as a whole (Ansible): 50,000 hosts with variables. */
  inventoryWholeCharactersMax: 64 << 20,
  /** Characters of one record of an inventory; the GLPI document of one machine reaches 5 MB. */
  inventoryRecordCharactersMax: 16 << 20,
  /** Characters of one text of a statement (external id, owner, ticket, service); longer ones are mistakes. */
  inventoryTextCharactersMax: 1024,
  /** Characters of the ports of one statement: all 65,536 one by one, with protocols, have 700 kB. */
  inventoryPortsCharactersMax: 1 << 20,
  /** Columns of a CSV; exports of asset managers have a hundred. */
  csvColumnsMax: 1000,
  /** Records that wait for others to be joined with (components, addresses of a parent): 200 MB at worst. */
  inventoryJoinedMax: 200_000,
  /** Members of all groups of one inventory; groups inside groups multiply them. */
  inventoryMembersMax: 1_000_000,
  /** Hosts that are held against the target at once. */
  assessBatchMax: 2000,
  /** Addresses that are asked for at once when everything is assessed. */
  driftWalkMax: 100_000,
  /** Hosts whose time has come that are assessed in one transaction. */
  driftDueMax: 5000,
  /** Ports of one statement that says they must be open. */
  requiredPortsMax: 1024,
  /** Bytes at the beginning of an inventory by which its format is detected. */
  inventoryHeadBytes: 65536,
  /** Bytes of an inventory, as it is sent, that are kept in memory to see whether it is the last one again. */
  inventoryBufferedBytesMax: 64 << 20,
  /** Bytes of an inventory that are read before others get their turn. */
  inventoryTurnBytes: 64 << 10,
  /** Statements of one target source. */
  statementsMax: 2_000_000,
  /** Items, rows and conflicts that a plan lists one by one. */
  planItemsMax: 1000,
  /** How long an import with an idempotency key can be repeated; answers are up to 1 MB. */
  answersKeptMs: 7 * 86_400_000,
  /** Conflicts of one address space that are listed. */
  conflictsMax: 10_000,
  /** How long a plan can be applied. */
  planKeptMs: 24 * 3_600_000,
  /** Open forbidden items that one import may resolve unasked. */
  forbiddenResolvedMax: 20,
  /** Drift items that one mutation may change. */
  driftItemsChangedMax: 1000,
} as const;
