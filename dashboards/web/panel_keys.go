package web

import (
	"slices"
	"strings"

	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

// key is one of the Four Keys, or rework, which DORA counts beside them.
type key struct {
	metric string
	sample string // the words for what its sample is of: a key of the texts that ends in _one or _other
	rows   string // the panel with the rows behind it
}

const (
	frequencyMetric = "deployments_per_day"
	failureMetric   = "change_failure_rate"
	evidenceMetric  = "change_failure_rate_evidence"
)

// fourKeys are the keys in the order in which DORA names them.
var fourKeys = []key{
	{frequencyMetric, "sample_deployments", "deployments"},
	{"lead_time_median_seconds", "sample_changes", "changes"},
	{failureMetric, "sample_deployments", "deployments"},
	{"failed_deployment_recovery_median_seconds", "sample_failures", "deployments"},
	{"rework_rate", "sample_deployments", "deployments"},
}

// keyNames are the metrics of fourKeys.
func keyNames() []string {
	var out []string
	for _, k := range fourKeys {
		out = append(out, k.metric)
	}
	return out
}

// keysPanel is the row of cards on top: the keys over the whole range.
type keysPanel struct {
	Title, Lead string
	Cards       []keyCard
	Missing     *missingKeys // instead of cards
	Downloads   downloads
}

// missingKeys says why there are no cards, and what to write into the configuration.
type missingKeys struct {
	Title, Text, Snippet, After string
}

type keyCard struct {
	Metric, Title       string
	Value, Per, Raw     string
	Few                 bool
	Level, LevelClass   string
	Goal, GoalClass     string // what it is to be, and whether it is
	Gauge, Spark        *chart.Drawing
	Interval            string
	Sample, Extra       string
	Change              *change
	TrendHref, RowsHref string
	Rules               string
	DefinitionHref      string
}

// deliverySnippet is the least that makes the program read deployments.
const deliverySnippet = `sources:
  github:
    token: ${GITHUB_TOKEN}
    repositories:
      - {name: "acme/*"}`

// productionSnippet says which environments are production.
const productionSnippet = `services:
  - name: api
    deployments: [{from: deployments, environment: ["production", "prod-*"]}]`

func (m *maker) keys() keysPanel {
	from, to := m.l.Date(m.span.From), m.l.Date(m.span.AsOf)
	p := keysPanel{
		Title:     m.l.t("keys_title"),
		Lead:      m.l.t("keys_lead", "from", from, "to", to),
		Downloads: m.downloads("keys"),
	}
	if p.Missing = m.missingKeys(); p.Missing != nil {
		return p
	}
	if m.f.Severity != "" {
		p.Lead += m.l.t("sentence_joint") + m.l.t("keys_no_severity")
	}
	values := map[string]map[string]row{"now": {}, "before": {}}
	for _, r := range m.tables["keys"].rows() {
		values[r.text("span")][r.text("metric")] = r
	}
	trend := m.keyTotals()
	for _, k := range fourKeys {
		p.Cards = append(p.Cards, m.keyCard(k, values["now"], values["before"], trend[k.metric]))
	}
	return p
}

// missingKeys is nil where deployments count.
func (m *maker) missingKeys() *missingKeys {
	switch {
	case slices.Contains(m.b.Choices["deployments"], "counted"):
		return nil
	case m.b.readsCode():
		return &missingKeys{m.l.t("keys_uncounted_title"), m.l.t("keys_uncounted_text"), productionSnippet, m.l.t("keys_uncounted_after")}
	}
	return &missingKeys{m.l.t("keys_missing_title"), m.l.t("keys_missing_text"), deliverySnippet, m.l.t("keys_missing_after")}
}

// readsCode says whether the build has a source of deployments.
func (b buildInfo) readsCode() bool {
	return len(b.Choices["deployments"]) > 0 || slices.ContainsFunc(b.Streams, func(s streamInfo) bool { return s.Stream == "deployments" })
}

func (m *maker) keyCard(k key, now, before map[string]row, trend []*measured) keyCard {
	info := m.b.Metrics[k.metric]
	c := keyCard{
		Metric: k.metric, Title: m.b.title(m.l, k.metric), Rules: info.Rules, DefinitionHref: m.definitionHref(k.metric),
		TrendHref: m.keyHref(k.metric), RowsHref: m.downloads(k.rows).CSV, Value: "–", Sample: m.l.n(k.sample, 0),
	}
	var v, was *measured
	if r, ok := now[k.metric]; ok {
		v = measuredOf(r)
		c.Level, c.LevelClass = m.levelOfYear(r)
	}
	if r, ok := before[k.metric]; ok {
		was = measuredOf(r)
	}
	if v != nil {
		write := m.writer(k.metric, v.Value)
		c.Value, c.Per, c.Raw, c.Few = write.number(v.Value), write.per, raw(v.Value), m.few(k.metric, v)
		c.Sample = m.l.n(k.sample, v.N)
		if interval := m.l.between(write.number, write.whole, v.Low, v.High); interval != "" {
			c.Interval = m.l.t("sample_count", "interval", interval)
		}
		if was != nil {
			if days := m.daysBefore(before[k.metric].text("from_date")); days > 0 {
				c.Change = m.change(k.metric, v, was, m.l.n("days_before", days), write.text)
			}
		}
		goal := m.goals[k.metric]
		if goal != nil {
			c.Goal, c.GoalClass = m.goal(*goal, v, write)
		}
		c.Gauge = drawGauge(k.metric, v, valueOf(was), goal, c.Few)
	}
	if k.metric == failureMetric {
		if r, ok := now[evidenceMetric]; ok && r.number("value") != nil {
			c.Extra = m.l.t("keys_evidence", "value", m.l.Value("ratio", r.number("value")))
		}
	}
	c.Spark = m.keySpark(k.metric, trend)
	return c
}

// goal says what a value is to be, and whether it is: met, missed, or unsure where it rests on few.
func (m *maker) goal(g Goal, v *measured, write valueWriter) (text, class string) {
	if text = m.l.t("goal_most", "limit", write.text(&g.Limit)); g.Least {
		text = m.l.t("goal_least", "limit", write.text(&g.Limit))
	}
	switch {
	case v.Value == nil:
		return text, ""
	case m.few(g.Metric, v):
		return text, "unsure"
	case g.Least && *v.Value >= g.Limit || !g.Least && *v.Value <= g.Limit:
		return m.l.t("goal_met", "goal", text), "better"
	}
	return m.l.t("goal_missed", "goal", text), "worse"
}

// daysBefore is the length of the time that a value before the range is of.
func (m *maker) daysBefore(from string) int {
	d, err := parseDay(from)
	if err != nil {
		return 0
	}
	return d.daysTo(m.span.From)
}

// level names a row's level and its colour. What rests on few has no colour.
func (m *maker) level(r row) (text, class string) {
	return m.levelWord(r.text("level"), m.few(r.text("metric"), measuredOf(r)))
}

func (m *maker) levelWord(level string, few bool) (text, class string) {
	if !m.l.has("level_" + level) {
		return level, ""
	}
	if !few {
		class = "level-" + level
	}
	return m.l.t("level_" + level), class
}

// levelOfYear is level with the year of the report that the levels are from.
func (m *maker) levelOfYear(r row) (text, class string) {
	return m.levelOf(r.text("metric"), r.text("level"), m.few(r.text("metric"), measuredOf(r)))
}

func (m *maker) levelOf(metric, level string, few bool) (text, class string) {
	text, class = m.levelWord(level, few)
	if year := m.b.Metrics[metric].LevelYear; year != "" && text != "" {
		text = m.l.t("level_year", "level", text, "year", year)
	}
	return text, class
}

// limits says where the levels of a metric begin; "" where it has none.
func (m *maker) limits(metric string) string {
	info := m.b.Metrics[metric]
	if len(info.Limits) != 3 || !m.l.has("limits_"+info.Comparison) {
		return ""
	}
	pairs := []any{"year", info.LevelYear}
	for i, name := range []string{"elite", "high", "medium"} {
		limit := info.Limits[i]
		pairs = append(pairs, name, m.writer(metric, &limit).text(&limit))
	}
	return m.l.t("limits_"+info.Comparison, pairs...)
}

// few says whether a value rests on too little to be sure of. A count is its own sample, and zero is one.
func (m *maker) few(metric string, v *measured) bool {
	unit := m.b.Metrics[metric].Unit
	return v != nil && v.Value != nil && v.N < fewBelow && (unit == "seconds" || unit == "ratio")
}

// valueWriter writes the values of one metric in one unit.
type valueWriter struct {
	number func(*float64) string
	per    string               // what has to be said once beside it; "" where number says all
	tick   func(float64) string // as on an axis
	whole  bool                 // whether it is of whole things
}

func (w valueWriter) text(v *float64) string {
	if w.per == "" || v == nil {
		return w.number(v)
	}
	return w.number(v) + w.per
}

// writer gives the words for a metric's values. How often something is deployed is said per day, week or month: whichever
// is once at least.
func (m *maker) writer(metric string, basis *float64) valueWriter {
	if metric != frequencyMetric {
		unit := m.b.Metrics[metric].Unit
		w := valueWriter{number: func(v *float64) string { return m.l.Value(unit, v) }, whole: isCount(unit)}
		w.tick = func(v float64) string { return w.number(&v) }
		if unit == "ratio" {
			w.tick = func(v float64) string { return short(v*100) + "\u00a0%" }
		}
		return w
	}
	unit := dashboards.FrequencyUnit(basis)
	number := func(v *float64) string {
		if v == nil {
			return "–"
		}
		digits := 1
		n := *v / unit.Days
		if n > 0 && n < 1 {
			digits = 2
		} else if n >= 100 {
			digits = 0
		}
		return fixed(n, digits)
	}
	return valueWriter{number: number, per: m.l.t("per_" + unit.Name), tick: func(v float64) string { return short(v / unit.Days) }}
}

// keyHref chooses one key's chart.
func (m *maker) keyHref(metric string) string {
	f := m.f
	f.Key, f.Incident = metric, ""
	return m.here.of(m.here.path, f) + "#h-keytrend"
}

// definitionAnchor is where the page says what a metric means.
func definitionAnchor(metric string) string { return "def-" + strings.ReplaceAll(metric, "_", "-") }

// keyTotals gives each key by period, in the order of the buckets.
func (m *maker) keyTotals() map[string][]*measured {
	out := map[string][]*measured{}
	for _, k := range fourKeys {
		out[k.metric] = make([]*measured, len(m.buckets))
	}
	for _, r := range m.tables["key_trend"].rows() {
		if i := m.bucketOf(r.text("period_start")); i >= 0 && out[r.text("metric")] != nil {
			out[r.text("metric")][i] = measuredOf(r)
		}
	}
	return out
}

// keySpark is the small line of a card; nil where there is nothing to draw.
func (m *maker) keySpark(metric string, trend []*measured) *chart.Drawing {
	first := max(0, len(m.buckets)-1-sparkPeriods)
	var few []bool
	for _, v := range trend[first:] {
		few = append(few, m.few(metric, v))
	}
	spark := drawKeySpark(metric, m.buckets[first:], trend[first:], few)
	if len(spark.Marks) == 0 {
		return nil
	}
	return spark
}
