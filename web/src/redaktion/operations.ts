/** Every operation that the editor sends; a test holds them to schema.graphqls. */
const faults = 'userErrors { path code message }';
const card = 'id kind title status version updatedAt provider { id name } municipality { ags name } openingHours { text(locale: $locale) } schedule { text(locale: $locale) } editorial { mayEdit mayPublish mayReview reviewNote reviewBy publishAt }';
const full = `id kind title summary description(format: HTML) status version updatedAt publishedAt online audiences wheelchair languages
  provider { id name municipality { ags name longitude latitude } } municipality { ags name longitude latitude }
  place { id name address { street postalCode locality } longitude latitude }
  categories { slug label(locale: $locale) } price { free fromCents toCents note } contact { name email phone } links { url title }
  images { url alt credit licence variants { url width } } openingHours { osm text(locale: $locale) }
  schedule { start end allDay timeZone rrule exclude include text(locale: $locale) }
  details { ... on ServiceDetails { leika channels onlineService requirements } ... on FacilityDetails { rentable features }
    ... on EventDetails { capacity registration { required url until note } } ... on ActivityDetails { capacity trial registration { required url until note } }
    ... on TourDetails { means lengthKm ascentM minutes loop line } ... on VolunteeringDetails { task hoursPerMonth skills } }
  serviceArea { ags name } translations { locale title summary description machine }
  provenance { source { name url } externalId licence records { source { id name } externalId url } fields { name origin current proposed } }
  editorial { publishAt expiresAt reviewBy reviewNote withdrawnReason mayEdit mayPublish mayReview mergedInto merged { id title provider { name } source { name } } exceptions { original added status start end placeId } }`;
const saved = `{ offering { id status version title } ${faults} conflict { current { id version } since { name before after } mine { name before after } } }`;
const key = 'id name role scopes createdAt createdBy expiresAt revokedAt lastUsedAt provider { name } municipality { name } region { name }';
const person = 'id name email lastSeenAt memberships { id role createdBy provider { name } municipality { name } region { name } }';

const counted = 'id startedAt finishedAt outcome dryRun new changed same gone refused httpStatus error decision decidedAt decidedBy';
const run = `${counted} refusals { item message } changes { action title externalId offering status fields { name before after } }`;
const source = `id name format url health records everyMinutes nextRunAt readAt pausedAt licence attribution municipality { ags name longitude latitude }
  provider { id name municipality { ags name longitude latitude } }`;
const pair = `id kind title summary status version provider { id name } municipality { ags name } place { name address { street locality } } schedule { text(locale: $locale) } openingHours { text(locale: $locale) }
  price { free note } contact { phone email } provenance { source { name } url }`;

export const operations = {
  Viewer: `query Viewer { viewer { name scopes grants { role provider { id name municipality { ags name longitude latitude } } municipality { ags name longitude latitude } region { key name } } } }`,
  Counts: `query Counts { attention: managedOfferings(needsAttention: true, first: 1) { totalCount } drafts: managedOfferings(status: [DRAFT], first: 1) { totalCount }
    review: managedOfferings(status: [IN_REVIEW], first: 1) { totalCount } published: managedOfferings(status: [PUBLISHED], first: 1) { totalCount }
    withdrawn: managedOfferings(status: [WITHDRAWN], first: 1) { totalCount } }`,
  Mine: `query Mine($filter: OfferingFilter, $status: [OfferingStatus!], $attention: Boolean, $after: String, $locale: Locale) {
    managedOfferings(filter: $filter, status: $status, needsAttention: $attention, first: 25, after: $after) { totalCount nodes { ${card} } pageInfo { hasNextPage endCursor } } }`,
  One: `query One($id: ID!, $locale: Locale) { offering(id: $id) { ${full} } }`,
  History: `query History($id: ID!, $after: String) { offering(id: $id) { id title version status editorial { mayEdit revisions(first: 100, after: $after) {
    nodes { version at action by byKind status changes { name before after } } pageInfo { hasNextPage endCursor } } } } }`,
  Dates: `query Dates($id: ID!) { offering(id: $id) { id title version status municipality { ags } place { id } schedule { start allDay timeZone dates(first: 1) } editorial { mayEdit exceptions { original added status start } }
    occurrences(first: 60) { nodes { id start end allDay status place { id name } } } } }`,
  Providers: `query Providers($search: String, $municipality: ID, $region: String) { providers(search: $search, municipality: $municipality, region: $region, first: 100) {
    totalCount nodes { id name municipality { ags name longitude latitude } } } }`,
  Categories: `query Categories($locale: Locale) { categories { slug label(locale: $locale) narrower { slug label(locale: $locale) narrower { slug label(locale: $locale) } } } }`,
  Places: `query Places($ags: [ID!]) { offerings(filter: { municipalities: $ags }, first: 100, orderBy: TITLE) { nodes { place { id name address { street postalCode locality } longitude latitude } } } }`,
  Municipalities: `query Municipalities($search: String!) { municipalities(search: $search, first: 10) { nodes { ags name postalCode regions { key name } } } }`,
  Keys: `query Keys { keys { ${key} } }`,
  People: `query People($search: String, $after: String) { people(search: $search, first: 50, after: $after) { totalCount nodes { ${person} } pageInfo { hasNextPage endCursor } } }`,
  Audit: `query Audit($after: String) { audit(first: 50, after: $after) { nodes { at by action subject detail } pageInfo { hasNextPage endCursor } } }`,
  Sources: `query Sources($after: String) { sources(managed: true, first: 50, after: $after) { totalCount nodes { ${source} lastRun { ${counted} } } pageInfo { hasNextPage endCursor } } }`,
  Source: `query Source($id: ID!) { node(id: $id) { ... on Source { ${source} options { name value } lastRun { ${run} } } } }`,
  SourceRuns: `query SourceRuns($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Source { runs(first: $first, after: $after) { totalCount nodes { ${run} } pageInfo { hasNextPage endCursor } } } } }`,
  Duplicates: `query Duplicates($municipality: ID!, $after: String, $locale: Locale) { municipality(ags: $municipality) { ags name } duplicates(municipality: $municipality, first: 20, after: $after) {
    totalCount nodes { score reasons { field score text } a { ${pair} } b { ${pair} } } pageInfo { hasNextPage endCursor } } }`,
  SchoolHolidays: `query SchoolHolidays($ags: ID!, $from: DateTime!, $to: DateTime!) { municipality(ags: $ags) { regions { key name } schoolHolidays(from: $from, to: $to) { name start end } } }`,
  Members: `query Members($key: String!, $after: String) { region(key: $key) { municipalities(first: 100, after: $after) { nodes { ags name } pageInfo { hasNextPage endCursor } } } }`,
  Export: `query Export { exportPersonalData }`,
  Save: `mutation Save($input: OfferingInput!) { saveOffering(input: $input) ${saved} }`,
  Check: `mutation Check($inputs: [OfferingInput!]!, $locale: Locale) { saveOfferings(inputs: $inputs, dryRun: true) { results { offering { status title schedule { text(locale: $locale) dates(first: 12) } openingHours { text(locale: $locale) } } ${faults} } } }`,
  Import: `mutation Import($inputs: [OfferingInput!]!) { saveOfferings(inputs: $inputs) { results { offering { id status title } ${faults} } } }`,
  Publish: `mutation Publish($id: ID!, $version: Int) { publishOffering(id: $id, expectedVersion: $version) ${saved} }`,
  Submit: `mutation Submit($id: ID!, $version: Int) { submitOffering(id: $id, expectedVersion: $version) ${saved} }`,
  Withdraw: `mutation Withdraw($id: ID!, $version: Int, $reason: String) { withdrawOffering(id: $id, expectedVersion: $version, reason: $reason) ${saved} }`,
  Undo: `mutation Undo($id: ID!, $version: Int) { undoWithdraw(id: $id, expectedVersion: $version) ${saved} }`,
  Review: `mutation Review($id: ID!, $decision: ReviewDecision!, $note: String, $version: Int) { reviewOffering(id: $id, decision: $decision, note: $note, expectedVersion: $version) ${saved} }`,
  Restore: `mutation Restore($id: ID!, $to: Int!, $version: Int) { restoreOffering(id: $id, version: $to, expectedVersion: $version) ${saved} }`,
  Confirm: `mutation Confirm($id: ID!, $version: Int) { confirmOffering(id: $id, expectedVersion: $version) ${saved} }`,
  Release: `mutation Release($id: ID!, $field: String!, $version: Int) { releaseField(id: $id, field: $field, expectedVersion: $version) ${saved} }`,
  Occurrence: `mutation Occurrence($input: OccurrenceInput!) { saveOccurrence(input: $input) ${saved} }`,
  Erase: `mutation Erase($id: ID!) { eraseOffering(id: $id) { id ${faults} } }`,
  SaveProvider: `mutation SaveProvider($input: ProviderInput!) { saveProvider(input: $input) { provider { id name municipality { ags name longitude latitude } } ${faults} } }`,
  SaveSource: `mutation SaveSource($input: SourceInput!) { saveSource(input: $input) { source { id health } ${faults} } }`,
  PauseSource: `mutation PauseSource($id: ID!, $paused: Boolean!) { pauseSource(id: $id, paused: $paused) { source { id health } ${faults} } }`,
  DeleteSource: `mutation DeleteSource($id: ID!, $keep: Boolean!) { deleteSource(id: $id, keepOfferings: $keep) { id ${faults} } }`,
  HarvestSource: `mutation HarvestSource($id: ID!, $dryRun: Boolean!) { harvestSource(id: $id, dryRun: $dryRun) { run { ${run} } ${faults} } }`,
  Decide: `mutation Decide($id: ID!, $decision: HarvestDecision!) { decideQuarantine(id: $id, decision: $decision) { source { id health } ${faults} } }`,
  Merge: `mutation Merge($id: ID!, $others: [ID!]!) { mergeOfferings(id: $id, others: $others) { offering { id title } ${faults} } }`,
  Split: `mutation Split($id: ID!, $source: ID, $externalId: String, $offering: ID) { splitOffering(id: $id, source: $source, externalId: $externalId, offering: $offering) { offering { id title } split { id title } ${faults} } }`,
  KeepApart: `mutation KeepApart($id: ID!, $other: ID!) { keepApart(id: $id, other: $other) { offering { id } ${faults} } }`,
  CreateKey: `mutation CreateKey($input: ApiKeyInput!) { createKey(input: $input) { token key { ${key} } ${faults} } }`,
  RotateKey: `mutation RotateKey($id: ID!) { rotateKey(id: $id) { token key { ${key} } ${faults} } }`,
  RevokeKey: `mutation RevokeKey($id: ID!) { revokeKey(id: $id) { key { ${key} } ${faults} } }`,
  PostingLink: `mutation PostingLink($input: PostingLinkInput!) { createPostingLink(input: $input) { token expiresAt provider { name } ${faults} } }`,
  GrantRole: `mutation GrantRole($input: RoleGrantInput!) { grantRole(input: $input) { person { ${person} } ${faults} } }`,
  RevokeRole: `mutation RevokeRole($id: ID!) { revokeRole(id: $id) { person { ${person} } ${faults} } }`,
  DeletePerson: `mutation DeletePerson($id: ID) { deletePerson(id: $id) { id ${faults} } }`,
} as const;

export type Operation = keyof typeof operations;
