package github

import (
	"slices"
	"strconv"
	"strings"
)

// pullCommit is a commit of a pull request's branch.
type pullCommit struct {
	pull   *PullRequest
	commit *Commit
}

// key is what a pull request is sorted by.
func (p *PullRequest) key(field string) string {
	if field == "UPDATED_AT" {
		return timeKey(p.UpdatedAt, int64(p.Number))
	}
	return timeKey(p.CreatedAt, int64(p.Number))
}

// pulls lists pull requests with the filters of the schema.
func (c *graphCall) pulls(r *Repository, from []*PullRequest, args map[string]any) (any, error) {
	states, labels := texts(args["states"]), texts(args["labels"])
	base, _ := args["baseRefName"].(string)
	head, _ := args["headRefName"].(string)
	field, descending := orderOf(args, "CREATED_AT")
	list := make([]keyed, 0, len(from))
	for _, p := range from {
		labelled := labels == nil || slices.ContainsFunc(p.Labels, func(l *Label) bool { return slices.Contains(labels, l.Name) })
		if (states == nil || slices.Contains(states, p.State)) && labelled && (base == "" || p.Base == base) && (head == "" || p.Head == head) {
			list = append(list, keyed{p.key(field), p})
		}
	}
	return pageIf(c.need(r, "pull_requests"), "PullRequestConnection", list, descending, args)
}

var pullFields = map[string]resolver{
	"PullRequest.additions":         on(func(_ *graphCall, p *PullRequest) any { a, _, _ := p.size(); return a }),
	"PullRequest.author":            on(func(_ *graphCall, p *PullRequest) any { return p.Author }),
	"PullRequest.authorAssociation": on(func(_ *graphCall, _ *PullRequest) any { return "MEMBER" }),
	"PullRequest.baseRefName":       on(func(_ *graphCall, p *PullRequest) any { return p.Base }),
	"PullRequest.baseRefOid": on(func(_ *graphCall, p *PullRequest) any {
		if head := p.repo.Head(p.Base); p.State == "OPEN" && head != "" {
			return head
		}
		return p.BaseOID
	}),
	"PullRequest.baseRepository": on(func(_ *graphCall, p *PullRequest) any { return p.repo }),
	"PullRequest.body":           on(func(_ *graphCall, p *PullRequest) any { return p.Body }),
	"PullRequest.changedFiles":   on(func(_ *graphCall, p *PullRequest) any { _, _, n := p.size(); return n }),
	"PullRequest.closedAt":       on(func(_ *graphCall, p *PullRequest) any { return instant(p.ClosedAt) }),
	"PullRequest.closingIssuesReferences": by(func(_ *graphCall, p *PullRequest, args map[string]any) (any, error) {
		return page("IssueConnection", inOrder(p.Closes, func(i *Issue) any { return i }), false, args)
	}),
	"PullRequest.commits": by(func(_ *graphCall, p *PullRequest, args map[string]any) (any, error) {
		list := p.commitObjects()
		return page("PullRequestCommitConnection", inOrder(list[:min(len(list), 250)], func(c *Commit) any { return pullCommit{p, c} }), false, args)
	}),
	"PullRequest.createdAt":  on(func(_ *graphCall, p *PullRequest) any { return instant(p.CreatedAt) }),
	"PullRequest.databaseId": on(func(_ *graphCall, p *PullRequest) any { return p.ID }),
	"PullRequest.deletions":  on(func(_ *graphCall, p *PullRequest) any { _, d, _ := p.size(); return d }),
	"PullRequest.files": by(func(_ *graphCall, p *PullRequest, args map[string]any) (any, error) {
		list := p.files()
		return page("PullRequestChangedFileConnection", inOrder(list[:min(len(list), 3000)], func(f fileChange) any { return f }), false, args)
	}),
	"PullRequest.fullDatabaseId": on(func(_ *graphCall, p *PullRequest) any { return strconv.FormatInt(p.ID, 10) }),
	"PullRequest.headRefName":    on(func(_ *graphCall, p *PullRequest) any { return p.Head }),
	"PullRequest.headRefOid":     on(func(_ *graphCall, p *PullRequest) any { return p.HeadOID }),
	"PullRequest.headRepository": on(func(c *graphCall, p *PullRequest) any {
		if p.HeadRepository == nil || !c.who.sees(p.HeadRepository) {
			return nil
		}
		return p.HeadRepository
	}),
	"PullRequest.headRepositoryOwner": on(func(_ *graphCall, p *PullRequest) any {
		if p.HeadOwner == nil {
			return nil
		}
		return p.HeadOwner
	}),
	"PullRequest.id":                on(func(_ *graphCall, p *PullRequest) any { return p.nodeID() }),
	"PullRequest.isCrossRepository": on(func(_ *graphCall, p *PullRequest) any { return p.CrossRepository }),
	"PullRequest.isDraft":           on(func(_ *graphCall, p *PullRequest) any { return p.Draft }),
	"PullRequest.labels": by(func(_ *graphCall, p *PullRequest, args map[string]any) (any, error) {
		field, descending := orderOf(args, "CREATED_AT")
		list := inOrder(p.Labels, func(l *Label) any { return l })
		for i, l := range p.Labels {
			list[i].key = timeKey(l.CreatedAt, l.ID)
			if field == "NAME" {
				list[i].key = l.Name
			}
		}
		return page("LabelConnection", list, descending, args)
	}),
	"PullRequest.mergeCommit": by(func(c *graphCall, p *PullRequest, _ map[string]any) (any, error) {
		x := p.repo.store.commits[p.MergeOID]
		if x == nil || p.State != "MERGED" {
			return nil, nil
		}
		return commitOf{x, p.repo}, c.need(p.repo, "contents")
	}),
	"PullRequest.merged":               on(func(_ *graphCall, p *PullRequest) any { return p.State == "MERGED" }),
	"PullRequest.mergedAt":             on(func(_ *graphCall, p *PullRequest) any { return instant(p.MergedAt) }),
	"PullRequest.mergedBy":             on(func(_ *graphCall, p *PullRequest) any { return p.MergedBy }),
	"PullRequest.number":               on(func(_ *graphCall, p *PullRequest) any { return p.Number }),
	"PullRequest.permalink":            on(func(c *graphCall, p *PullRequest) any { return c.pullURL(p) }),
	"PullRequest.potentialMergeCommit": on(func(_ *graphCall, _ *PullRequest) any { return nil }), // none is made
	"PullRequest.revertUrl":            on(func(c *graphCall, p *PullRequest) any { return c.pullURL(p) + "/revert" }),
	"PullRequest.reviews":              by((*graphCall).reviews),
	"PullRequest.state":                on(func(_ *graphCall, p *PullRequest) any { return p.State }),
	"PullRequest.title":                on(func(_ *graphCall, p *PullRequest) any { return p.Title }),
	"PullRequest.updatedAt":            on(func(_ *graphCall, p *PullRequest) any { return instant(p.UpdatedAt) }),
	"PullRequest.url":                  on(func(c *graphCall, p *PullRequest) any { return c.pullURL(p) }),
}

var pullPartFields = map[string]resolver{
	"PullRequestCommit.commit":      on(func(_ *graphCall, x pullCommit) any { return commitOf{x.commit, x.pull.repo} }),
	"PullRequestCommit.id":          on(func(_ *graphCall, x pullCommit) any { return nodeID("PURC", x.pull.repo.ID, x.pull.ID, x.commit.SHA) }),
	"PullRequestCommit.pullRequest": on(func(_ *graphCall, x pullCommit) any { return x.pull }),

	"PullRequestChangedFile.additions": on(func(_ *graphCall, f fileChange) any { return f.additions }),
	"PullRequestChangedFile.changeType": on(func(_ *graphCall, f fileChange) any {
		return map[string]string{"added": "ADDED", "removed": "DELETED", "modified": "MODIFIED"}[f.status]
	}),
	"PullRequestChangedFile.deletions": on(func(_ *graphCall, f fileChange) any { return f.deletions }),
	"PullRequestChangedFile.path":      on(func(_ *graphCall, f fileChange) any { return f.path }),

	"PullRequestReview.author":      on(func(_ *graphCall, v *Review) any { return v.Author }),
	"PullRequestReview.body":        on(func(_ *graphCall, v *Review) any { return v.Body }),
	"PullRequestReview.createdAt":   on(func(_ *graphCall, v *Review) any { return instant(v.CreatedAt) }),
	"PullRequestReview.id":          on(func(_ *graphCall, v *Review) any { return v.nodeID() }),
	"PullRequestReview.state":       on(func(_ *graphCall, v *Review) any { return v.State }),
	"PullRequestReview.submittedAt": on(func(_ *graphCall, v *Review) any { return instant(v.SubmittedAt) }),
	"PullRequestReview.url": on(func(c *graphCall, v *Review) any {
		return c.pullURL(v.pull) + "#pullrequestreview-" + strconv.FormatInt(v.ID, 10)
	}),

	"Label.id":   on(func(_ *graphCall, l *Label) any { return l.nodeID() }),
	"Label.name": on(func(_ *graphCall, l *Label) any { return l.Name }),

	"Issue.databaseId": on(func(_ *graphCall, i *Issue) any { return i.ID }),
	"Issue.id":         on(func(_ *graphCall, i *Issue) any { return i.nodeID() }),
	"Issue.number":     on(func(_ *graphCall, i *Issue) any { return i.Number }),
	"Issue.title":      on(func(_ *graphCall, i *Issue) any { return i.Title }),
	"Issue.url":        on(func(c *graphCall, i *Issue) any { return c.htmlURL(i.repo) + "/issues/" + itoa(i.Number) }),
}

func (x *exchange) pullURL(p *PullRequest) string {
	return x.htmlURL(p.repo) + "/pull/" + itoa(p.Number)
}

// reviews lists those of a pull request, oldest first; author is a login.
func (c *graphCall) reviews(p *PullRequest, args map[string]any) (any, error) {
	states := texts(args["states"])
	author, _ := args["author"].(string)
	var list []keyed
	for _, v := range p.Reviews {
		by := v.Author != nil && strings.EqualFold(v.Author.Login, author)
		if (states == nil || slices.Contains(states, v.State)) && (author == "" || by) {
			list = append(list, keyed{timeKey(v.CreatedAt, v.ID), v})
		}
	}
	return page("PullRequestReviewConnection", list, false, args)
}
