// Package question has the eight questions of the benchmark: as GraphQL for Umland and for PostGraphile, and the variables to ask them
// with; and the traffic of apps that is made of them.
package question

// Question is one of the eight, or the ninth: Mixed.
type Question struct {
	Number int
	Title  string
	// Umland and PostGraphile are the documents. They ask for the same things, as closely as the two schemas allow.
	Umland, PostGraphile string
	// Needs are the arguments, input fields and fields, as Type.name, without which Umland cannot answer.
	Needs []string
	// Holds is a piece of every right answer, whoever gives it.
	Holds string
	// Write is true for the one that changes something.
	Write bool
	// Traffic is true for the ninth, which asks (1) to (6) and saves by (8), as apps do, and has no document of its own.
	Traffic bool
}

// PageSize is the number of items that the lists ask for.
const PageSize = 20

// BulkSize is the number of offerings that one bulk save holds.
const BulkSize = 100

// Of the ninth question: how many different screens there are, how often the one is asked for that is the n-th in the order of popularity (Zipf: as n to the
// power of -ZipfExponent), and of how many requests one is a save.
const (
	Screens      = 300
	ZipfExponent = 1.1
	SaveEvery    = 100
)

// All gives the questions in their order.
func All() []Question {
	return []Question{
		{
			Number: 1, Title: "one offering", Holds: `"title"`,
			Umland: `query($id: ID!) { offering(id: $id) {
				id kind title summary description wheelchair audiences updatedAt
				price { free fromCents toCents note }
				provider { id name kind website verified contact { name email phone } }
				municipality { ags name }
				place { id name address { street postalCode locality } longitude latitude municipality { ags name } }
				categories { slug label }
				occurrences(first: 5) { nodes { id start end allDay status } }
			} }`,
			PostGraphile: `query($id: UUID!) { offering(rowId: $id) {
				rowId kind title summary description wheelchair audiences updatedAt
				priceFree priceFromCents priceToCents priceNote
				provider { rowId name kind website verified contact }
				municipality { ags name }
				place { rowId name street postalCode locality longitude latitude municipality { ags name } }
				terms { nodes { slug label } }
				upcoming(first: 5) { nodes { offeringId original startsAt endsAt allDay status } }
			} }`,
		},
		{
			Number: 2, Title: "first 20 of a municipality, three levels", Holds: `"title"`,
			Umland: `query($ags: ID!) { municipality(ags: $ags) {
				ags name population
				offerings(first: 20) {
					nodes {
						id kind title summary publishedAt
						provider { id name municipality { ags name } }
						place { id name longitude latitude }
						categories { slug label }
						occurrences(first: 3) { nodes { start end } }
					}
					pageInfo { hasNextPage }
				}
			} }`,
			PostGraphile: `query($ags: String!) { municipality(ags: $ags) {
				ags name population
				offeringsByAgs(first: 20, orderBy: [PUBLISHED_AT_DESC, ROW_ID_DESC]) {
					nodes {
						rowId kind title summary publishedAt
						provider { rowId name municipality { ags name } }
						place { rowId name longitude latitude }
						terms { nodes { slug label } }
						upcoming(first: 3) { nodes { startsAt endsAt } }
					}
					pageInfo { hasNextPage }
				}
			} }`,
		},
		{
			Number: 3, Title: "next 14 days in a district, first 20", Holds: `"title"`,
			Umland: `query($district: String!, $from: DateTime!, $to: DateTime!) {
				occurrences(filter: { regions: [$district] }, from: $from, to: $to, first: 20) {
					nodes { id start end allDay status offering { id kind title municipality { ags name } place { name } } }
					pageInfo { hasNextPage }
				}
			}`,
			PostGraphile: `query($district: String!, $from: Datetime!, $to: Datetime!) {
				calendar(district: $district, from: $from, to: $to, first: 20) {
					nodes { offeringId original startsAt endsAt allDay status offering { rowId kind title municipality { ags name } place { name } } }
					pageInfo { hasNextPage }
				}
			}`,
		},
		{
			Number: 4, Title: "search, top 20 with snippet", Holds: `"title"`,
			Needs: []string{"OfferingFilter.search", "OfferingEdge.snippet"},
			Umland: `query($words: String!) { offerings(filter: { search: $words }, first: 20) {
				edges { snippet node { id kind title municipality { ags name } } }
				pageInfo { hasNextPage }
			} }`,
			PostGraphile: `query($words: String!) { searchOfferings(words: $words, first: 20) {
				nodes { snippet(words: $words) rowId kind title municipality { ags name } }
				pageInfo { hasNextPage }
			} }`,
		},
		{
			Number: 5, Title: "nearest 20 within 10 km", Holds: `"title"`,
			Needs: []string{"OfferingFilter.near", "OfferingEdge.distanceKm"},
			Umland: `query($longitude: Float!, $latitude: Float!) {
				offerings(filter: { near: { longitude: $longitude, latitude: $latitude, radiusKm: 10 } }, first: 20) {
					edges { distanceKm node { id kind title place { name longitude latitude } } }
					pageInfo { hasNextPage }
				}
			}`,
			PostGraphile: `query($longitude: Float!, $latitude: Float!) {
				nearestOfferings(longitude: $longitude, latitude: $latitude, radiusKm: 10, first: 20) {
					nodes { distanceKm(longitude: $longitude, latitude: $latitude) rowId kind title place { name longitude latitude } }
					pageInfo { hasNextPage }
				}
			}`,
		},
		{
			Number: 6, Title: "all facets in a district", Holds: `"count"`,
			Needs: []string{"OfferingConnection.facets"},
			Umland: `query($district: String!, $kinds: [OfferingKind!]) { offerings(filter: { regions: [$district], kinds: $kinds }, first: 0) {
				totalCount
				facets {
					kinds { kind count }
					categories { category { slug label } count }
					municipalities { municipality { ags name } count }
					audiences { audience count }
				}
			} }`,
			PostGraphile: `query($district: String!, $kinds: [String]) { facets(district: $district, kinds: $kinds) {
				nodes { facet key label count }
			} }`,
		},
		{
			Number: 7, Title: "a page deep in a long list", Holds: `"title"`,
			Umland: `query($after: String!) { offerings(orderBy: TITLE, first: 20, after: $after) {
				nodes { id kind title summary municipality { ags name } }
				pageInfo { hasNextPage endCursor }
			} }`,
			PostGraphile: `query($after: Cursor!) { offerings(orderBy: [TITLE_KEY_ASC, ROW_ID_ASC], first: 20, after: $after) {
				nodes { rowId kind title summary municipality { ags name } }
				pageInfo { hasNextPage endCursor }
			} }`,
		},
		{
			Number: 8, Title: "bulk save of 100", Holds: `"version"`, Write: true,
			Umland: `mutation($inputs: [OfferingInput!]!) { saveOfferings(inputs: $inputs) {
				results { offering { id title version } userErrors { path code message } }
			} }`,
			PostGraphile: `mutation($provider: UUID!, $inputs: JSON!) { saveOfferings(input: { provider: $provider, inputs: $inputs }) {
				result { rowId title version }
			} }`,
		},
	}
}

// Mixed is the ninth question.
func Mixed() Question {
	return Question{Number: 9, Title: "traffic as apps make it, 1 % saves", Traffic: true}
}

// Walks are the documents by which the cursors for question 7 are read, a hundred at a time.
const (
	WalkUmland       = `query($after: String) { offerings(orderBy: TITLE, first: 100, after: $after) { edges { cursor } } }`
	WalkPostGraphile = `query($after: Cursor) { offerings(orderBy: [TITLE_KEY_ASC, ROW_ID_ASC], first: 100, after: $after) { edges { cursor } } }`
)
