package github

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// company makes an organisation of the demo's size: repositories with commits, pull requests and deployments.
func company(repositories, pulls, deployments int) *Organisation {
	o := NewOrganisation("acme")
	ann := o.AddAccount(Account{Login: "ann"})
	for n := range repositories {
		r := o.AddRepository(RepositorySpec{Name: fmt.Sprintf("service-%d", n)})
		r.Branch("main", r.Commit(CommitSpec{Message: "Begin", Author: ann.Signature(), AuthoredAt: day, Files: map[string]string{"README.md": "x\n"}}))
		for k := range pulls {
			at := day.Add(time.Duration(k) * time.Hour)
			tip := r.Head("main")
			for c := range 2 {
				tip = r.Commit(CommitSpec{
					Parents: []string{tip}, Message: fmt.Sprintf("Change %d, %d", k, c), Author: ann.Signature(), AuthoredAt: at.Add(time.Duration(c) * time.Minute),
					Files: map[string]string{fmt.Sprintf("src/file%d.go", k%20): fmt.Sprintf("line %d\n", k)},
				})
			}
			branch := fmt.Sprintf("change-%d", k)
			r.Branch(branch, tip)
			p := r.OpenPull(PullSpec{Title: "Change", Author: ann, Head: branch, At: at.Add(10 * time.Minute)})
			switch k % 3 {
			case 0:
				r.MergeMerge(p, ann, at.Add(20*time.Minute))
			case 1:
				r.MergeSquash(p, ann, at.Add(20*time.Minute))
			default:
				r.MergeRebase(p, ann, at.Add(20*time.Minute))
			}
			r.DeleteBranch(branch, at.Add(21*time.Minute))
			if k < deployments {
				r.AddDeployment(DeploymentSpec{Ref: "main", Environment: "staging", Creator: ann, CreatedAt: at.Add(30 * time.Minute)}).Finish("success", at.Add(40*time.Minute))
			}
		}
	}
	return o
}

func BenchmarkMakeAndWriteACompany(b *testing.B) {
	for range b.N {
		for _, r := range company(10, 150, 150).Repositories {
			if err := r.WriteTo(filepath.Join(b.TempDir(), r.Name)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// It grows as its parts do: what a merge costs does not depend on how long the history is.
func TestMakingAHistoryCostsWhatItAdds(t *testing.T) {
	steps := func(pulls int) float64 {
		return testing.AllocsPerRun(1, func() { company(1, pulls, 0) }) / float64(pulls)
	}
	if short, long := steps(100), steps(800); long > 2*short {
		t.Errorf("%.0f allocations for a pull request of 100, %.0f for one of 800", short, long)
	}
}
