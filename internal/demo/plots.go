package demo

import "time"

// plot says what a repository goes through: how much is changed, how it is merged, reviewed and released, and how often that
// goes wrong.
type plot struct {
	name, about string
	services    []string
	team        string

	perWeek float64 // pull requests
	bots    float64 // share of them
	direct  float64 // commits without one, a week
	squash  float64 // shares of the ways of merging; the rest is rebased
	merge   float64
	coding  time.Duration // medians
	review  time.Duration

	environments []string // of production, in the order in which they are released to
	firstName    string   // what the first of them was called in the first months
	approval     time.Duration
	onMerge      [2]float64 // how likely a merge is released by itself, at first and at last
	days         []time.Weekday
	moreDays     []time.Weekday // from the middle of the time on
	previews     bool
	migrations   bool
	canaries     bool
	bad          float64 // share of the releases that break something
	months       int     // archived after so many; 0: it lives
	ghosts       []int   // months in which a commit was released that has been force-pushed away since

	folders  []string // where its files are; src where nothing is said
	runs     bool     // its deployments are runs of a workflow, too
	tags     bool     // releases with a tag are its deployments, and GitHub has no others
	pipeline bool     // what runs its deployments numbers its runs
	follows  string   // the repository with whose pipeline it is released
}

var production = []string{"production"}

var plots = []plot{
	{
		name: "api", about: "The API of the shop", services: []string{"api"}, team: "Platform",
		perWeek: 11, bots: 0.22, direct: 0.2, squash: 0.97, coding: 5 * time.Hour, review: 3 * time.Hour,
		environments: production, onMerge: [2]float64{0.5, 0.9}, bad: 0.09,
	},
	{
		name: "storefront", about: "Pages of the shop, and what it sends to customers", services: []string{"web", "notifications"}, team: "Storefront",
		perWeek: 7, bots: 0.15, squash: 0.15, merge: 0.85, coding: 8 * time.Hour, review: 7 * time.Hour,
		environments: production, onMerge: [2]float64{0.45, 0.85}, previews: true, bad: 0.13,
		folders: []string{"apps/web", "apps/web", "apps/web", "apps/notifications", "apps/notifications", "packages/shared", "docs"},
	},
	{
		name: "payments", about: "Payments", services: []string{"payments"}, team: "Payments",
		perWeek: 4.2, bots: 0.12, squash: 0.5, merge: 0.5, coding: 12 * time.Hour, review: 20 * time.Hour,
		environments: []string{"prod-eu", "prod-us"}, approval: 50 * time.Minute, onMerge: [2]float64{0.4, 0.75}, migrations: true, bad: 0.19, pipeline: true,
	},
	{
		name: "ledger", about: "The ledger, released with payments", services: []string{"payments"}, team: "Payments",
		perWeek: 1.6, bots: 0.2, squash: 1, coding: 14 * time.Hour, review: 18 * time.Hour,
		environments: []string{"prod-eu", "prod-us"}, follows: "payments",
	},
	{
		name: "search", about: "Search and ranking", services: []string{"search"}, team: "Storefront",
		perWeek: 3, bots: 0.12, squash: 0.15, coding: 9 * time.Hour, review: 8 * time.Hour,
		environments: []string{"Production"}, firstName: "production", onMerge: [2]float64{0.5, 0.8}, bad: 0.13, runs: true,
	},
	{
		name: "auth", about: "Sign-in and sessions", services: []string{"auth"}, team: "Platform",
		perWeek: 3.6, bots: 0.25, squash: 0.8, merge: 0.2, coding: 6 * time.Hour, review: 5 * time.Hour,
		environments: production, onMerge: [2]float64{0.5, 0.85}, bad: 0.1, ghosts: []int{9, 15},
	},
	{
		name: "data-pipeline", about: "Nightly batches and the warehouse", services: []string{"data-pipeline"}, team: "Data",
		perWeek: 2, bots: 0.08, direct: 1.2, merge: 1, coding: 20 * time.Hour, review: 24 * time.Hour,
		environments: production, days: []time.Weekday{time.Tuesday}, moreDays: []time.Weekday{time.Tuesday, time.Thursday}, bad: 0.2, tags: true,
	},
	{
		name: "mobile-backend", about: "What the mobile apps talk to", services: []string{"mobile-backend"}, team: "Storefront",
		perWeek: 3.4, bots: 0.12, direct: 0.1, squash: 0.8, merge: 0.1, coding: 10 * time.Hour, review: 14 * time.Hour,
		environments: production, days: []time.Weekday{time.Wednesday}, moreDays: []time.Weekday{time.Monday, time.Wednesday}, canaries: true, bad: 0.18, ghosts: []int{4},
	},
	{
		name: "legacy-admin", about: "The former back office", services: []string{"legacy-admin"}, team: "Platform",
		perWeek: 1.2, squash: 1, coding: 12 * time.Hour, review: 20 * time.Hour,
		environments: production, onMerge: [2]float64{0.6, 0.6}, bad: 0.1, months: 5,
	},
}
