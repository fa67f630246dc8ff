package file

import "strings"

// statuses are the words for how a deployment ended, as other systems write them, and ours for them.
var statuses = map[string]string{}

func init() {
	for ours, theirs := range map[string]string{
		"success":     "success succeeded successful ok pass passed complete completed done deployed finished 成功 完了 正常終了",
		"failure":     "failure failed fail ko unsuccessful canceled cancelled aborted timed_out timeout rejected 失敗 異常終了 中止 中断 キャンセル",
		"error":       "error errored エラー",
		"inactive":    "inactive destroyed superseded",
		"in_progress": "in_progress inprogress running started deploying ongoing 実行中 進行中",
		"queued":      "queued scheduled created 予約",
		"pending":     "pending 保留",
		"waiting":     "waiting awaiting_approval 待機中 承認待ち",
	} {
		for word := range strings.FieldsSeq(theirs) {
			statuses[word] = ours
		}
	}
}

const knownStatuses = "a status: success, failure, error, in_progress, queued, pending, waiting, inactive, or a common word for one of them"

// deployment writes the members of a deployment after its id.
func (j *judge) deployment(cells []cell) {
	switch s, ok := j.scalar("service"); {
	case ok:
		j.put("service", s)
	case j.set.Service != "":
		j.put("service", j.set.Service)
	case !j.aside:
		j.reject("service", "missing: no column names it, and the configuration names none for this file")
	}
	j.text("repository")
	environment := "production"
	if s, ok := j.scalar("environment"); ok {
		environment = s
	}
	j.put("environment", environment)
	j.sha()
	j.text("ref")
	j.link("url")
	j.moment("created_at")
	_, finished := j.moment("finished_at")
	j.status(finished)
	j.member("fields")
	j.out = append(j.out, '{')
	for _, c := range cells {
		j.field(c)
	}
	j.out = append(j.out, '}')
}

// sha is the name of a commit, in whole or from seven digits on.
func (j *judge) sha() {
	s, ok := j.scalar("sha")
	if !ok {
		return
	}
	s = strings.ToLower(s)
	if len(s) < 7 || len(s) > 64 || strings.Trim(s, hexDigits) != "" {
		j.leave("sha", j.unfit("the hash of a commit", j.value("sha")))
		return
	}
	j.put("sha", s)
}

func (j *judge) status(finished bool) {
	status := "in_progress"
	if finished {
		status = "success"
	}
	switch s, ok := j.scalar("status"); {
	case ok:
		word := strings.NewReplacer(" ", "_", "-", "_").Replace(fold(s))
		if status, ok = statuses[word]; !ok {
			j.reject("status", j.unfit(knownStatuses, j.value("status")))
			return
		}
	case j.value("status").kind != absent:
		j.reject("status", j.unfit(knownStatuses, j.value("status")))
		return
	}
	if status == "success" && j.value("finished_at").kind == absent {
		j.leave("finished_at", "missing: it succeeded, but counts only with the time when it finished (D1)")
	}
	j.put("status", status)
}

// field writes a column of the file under its own name. Columns that name people come under the privacy policy, as people
// do elsewhere: dropped, or hashed with the rest of them. A list of people is left out, and so is what would make the row
// as a whole look like a person.
func (j *judge) field(c cell) {
	if c.name == "" || c.value.kind == absent {
		return
	}
	if j.set.People != "include" && namesPeople(c) {
		switch c.name {
		case "email", "login", "slack_user_id":
			return
		}
		if c.value.kind == text || c.value.kind == literal {
			j.member(c.name)
			j.out = person(j.out, c.value.text)
		}
		return
	}
	j.member(c.name)
	j.out = c.value.appendTo(j.out)
}

// namesPeople reports whether a column is of people, by its name or as an address that stands in it.
func namesPeople(c cell) bool {
	name := fold(c.name)
	switch name {
	case "author", "user", "username", "user_name", "assignee", "actor", "creator", "owner", "deployer", "committer", "approver", "operator",
		"requester", "reviewer", "reviewers", "approvers", "authors", "login", "email", "mail", "slack_user_id", "担当者", "実行者", "承認者", "作成者":
		return true
	}
	if strings.HasSuffix(name, "_by") || strings.HasSuffix(name, " by") || strings.HasSuffix(name, "_email") {
		return true
	}
	local, domain, ok := strings.Cut(c.value.text, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(c.value.text, "/: \t")
}
