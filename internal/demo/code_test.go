package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/internal/demo/expect"
	"fourfold/internal/reference"
)

// everything is all that can be seen of the code, as text.
func everything(t *testing.T, c *Company) string {
	t.Helper()
	b, err := json.Marshal(c.Expected())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	out.Write(b)
	for _, r := range c.Code.Repositories {
		fmt.Fprintln(&out, r.FullName(), r.Head("main"), r.Archived, r.UpdatedAt)
		for _, p := range r.PullRequests {
			fmt.Fprintln(&out, p.Number, p.Title, p.Body, p.State, p.Author.Login, p.Head, p.HeadOID, p.MergeOID, p.CreatedAt, p.MergedAt, p.UpdatedAt, len(p.Reviews), p.Commits)
		}
		for _, d := range r.Deployments {
			fmt.Fprintln(&out, d.ID, d.SHA, d.Ref, d.Environment, d.CreatedAt)
			for _, s := range d.Statuses {
				fmt.Fprintln(&out, s.ID, s.State, s.CreatedAt)
			}
		}
	}
	return out.String()
}

func TestTheSameSeedAndInstantGiveTheSameCode(t *testing.T) {
	a := everything(t, Make(1, now))
	if a != everything(t, Make(1, now)) {
		t.Error("the same seed gives other code")
	}
	if a == everything(t, Make(2, now)) || a == everything(t, Make(1, now.Add(time.Hour))) {
		t.Error("another seed or instant gives the same code")
	}
}

func TestNothingInTheCodeIsLaterThanNowOrOutOfOrder(t *testing.T) {
	c := Make(3, now)
	late := func(what string, at time.Time) {
		if at.After(now) {
			t.Errorf("%s is at %s, after now", what, at)
		}
	}
	for _, r := range c.coder.repos {
		name := r.code.FullName()
		for sha := range r.commits {
			x := r.code.CommitObject(sha)
			late("commit "+sha, x.CommittedAt)
			for _, parent := range x.Parents {
				if p := r.code.CommitObject(parent); p.CommittedAt.After(x.CommittedAt) && len(x.Parents) == 2 {
					t.Errorf("%s: %s was merged before its parent %s was there", name, sha, parent)
				}
			}
		}
		for _, p := range r.code.PullRequests {
			late(fmt.Sprintf("%s#%d", name, p.Number), p.UpdatedAt)
			if p.State == "MERGED" && p.MergedAt.Before(p.CreatedAt) {
				t.Errorf("%s#%d was merged before it was opened", name, p.Number)
			}
			for _, v := range p.Reviews {
				if v.SubmittedAt.Before(p.CreatedAt) || p.State == "MERGED" && v.SubmittedAt.After(p.MergedAt) {
					t.Errorf("%s#%d: a review at %s", name, p.Number, v.SubmittedAt)
				}
			}
		}
		for _, d := range r.code.Deployments {
			late(fmt.Sprint("deployment ", d.ID), d.UpdatedAt)
			for n, s := range d.Statuses {
				if s.CreatedAt.Before(d.CreatedAt) || n > 0 && s.CreatedAt.Before(d.Statuses[n-1].CreatedAt) {
					t.Errorf("%s: deployment %d: statuses out of order", name, d.ID)
				}
			}
		}
	}
}

func TestTheCodeLooksLikeACompany(t *testing.T) {
	figure := map[string]float64{}
	for _, seed := range []uint64{1, 4} {
		c := Make(seed, now)
		for _, r := range reference.FourKeys(c.Objects(now), c.Expected(), settings(t, c)) {
			if r.Period == "year" && r.Number != nil {
				figure[strings.Join([]string{r.PeriodStart[:4], r.Dimension, r.Value, r.Metric}, " ")] = *r.Number
			}
		}
		within := func(key string, low, high float64) {
			t.Helper()
			if v, has := figure[key]; !has || v < low || v > high {
				t.Errorf("seed %d: %s is %v, want between %v and %v", seed, key, v, low, high)
			}
		}
		const hour = 3600
		within("2026 all all deployments_per_day", 2.5, 6)
		within("2026 service api deployments_per_day", 0.7, 2.5)
		within("2026 service data-pipeline deployments_per_day", 0.1, 0.5)
		within("2026 all all change_failure_rate", 0.06, 0.17)
		within("2026 all all change_failure_rate_evidence", 0.04, 0.13)
		within("2026 all all rework_rate", 0.04, 0.15)
		within("2026 all all lead_time_median_seconds", 16*hour, 50*hour)
		within("2026 team Platform lead_time_median_seconds", 6*hour, 40*hour)
		within("2026 team Data lead_time_median_seconds", 48*hour, 240*hour)
		within("2026 all all failed_deployment_recovery_median_seconds", 1*hour, 9*hour)
		if figure["2026 all all deployments_per_day"] <= figure["2025 all all deployments_per_day"] || figure["2026 all all lead_time_median_seconds"] >= figure["2025 all all lead_time_median_seconds"] {
			t.Errorf("seed %d: nothing got better", seed)
		}
		if figure["2026 team Platform lead_time_median_seconds"] >= figure["2026 team Data lead_time_median_seconds"] {
			t.Errorf("seed %d: the teams do not differ", seed)
		}
	}
}

func TestGitAgreesWithWhatTheReferenceShips(t *testing.T) {
	c := Make(4, now)
	for _, r := range c.coder.repos {
		if r.name != "storefront" && r.name != "search" {
			continue
		}
		dir := filepath.Join(t.TempDir(), r.name+".git")
		if err := r.code.WriteTo(dir); err != nil {
			t.Fatal(err)
		}
		var touching []string // of a monorepo: what touches the first service's folders
		if r.folders != nil {
			touching = []string{"--full-history", "--", "apps/web", "packages"}
		}
		count := func(args ...string) string {
			args = append(args, touching...)
			out, err := exec.Command("git", append([]string{"--git-dir", dir, "rev-list", "--count"}, args...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimSpace(string(out))
		}
		code := expect.Code{}
		for _, x := range c.Expected().Repositories {
			if x.Name == r.code.FullName() {
				code.Repositories = append(code.Repositories, x)
			}
		}
		sha := map[string]string{}
		for _, d := range code.Repositories[0].Deployments {
			sha[cmp.Or(d.Source, "deployments")+":"+d.ID] = d.SHA
		}
		deployments := reference.Deployments(expect.Objects{}, code, settings(t, c))
		slices.SortFunc(deployments, func(a, b reference.Deployed) int { return a.At.Compare(b.At) })
		earlier, checked := []string{}, 0
		for n, d := range deployments {
			if d.Service != code.Repositories[0].Services[0] {
				continue
			}
			if n%9 == 1 && len(earlier) > 0 {
				checked++
				if got := count(append([]string{"--no-merges", sha[d.ID], "--not"}, earlier...)...); got != fmt.Sprint(d.Commits) {
					t.Errorf("%s: git says that %s was the first to bring %s commits, the reference %d", r.name, d.ID, got, d.Commits)
				}
			}
			earlier = append(earlier, sha[d.ID])
		}
		if checked < 10 {
			t.Errorf("%s: only %d deployments to check", r.name, checked)
		}
	}
}
