package github

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Node ids are made as GitHub makes them now: a prefix that names the type, and a MessagePack array [0, numbers …] in
// base64. To a client they are opaque.

func nodeID(prefix string, parts ...any) string {
	b := []byte{0x90 | byte(len(parts)+1), 0}
	for _, part := range parts {
		switch v := part.(type) {
		case int64:
			if v < 1<<32 {
				b = binary.BigEndian.AppendUint32(append(b, 0xce), uint32(v))
			} else {
				b = binary.BigEndian.AppendUint64(append(b, 0xcf), uint64(v))
			}
		case string:
			b = append(append(b, 0xd9, byte(len(v))), v...)
		}
	}
	return prefix + "_" + base64.RawURLEncoding.EncodeToString(b)
}

// parseNodeID is the reverse; false for what no fake made.
func parseNodeID(id string) (prefix string, numbers []int64, text string, ok bool) {
	prefix, rest, ok := strings.Cut(id, "_")
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if !ok || err != nil || len(b) < 2 {
		return "", nil, "", false
	}
	for b = b[2:]; len(b) > 0; {
		switch {
		case b[0] == 0xce && len(b) >= 5:
			numbers = append(numbers, int64(binary.BigEndian.Uint32(b[1:])))
			b = b[5:]
		case b[0] == 0xcf && len(b) >= 9:
			numbers = append(numbers, int64(binary.BigEndian.Uint64(b[1:])))
			b = b[9:]
		case b[0] == 0xd9 && len(b) >= 2 && len(b) >= 2+int(b[1]):
			text = string(b[2 : 2+int(b[1])])
			b = b[2+int(b[1]):]
		default:
			return "", nil, "", false
		}
	}
	return prefix, numbers, text, true
}

var accountPrefixes = map[string]string{"User": "U", "Bot": "BOT", "Organization": "O", "Mannequin": "M", "EnterpriseUserAccount": "EUA"}

func (a *Account) nodeID() string     { return nodeID(accountPrefixes[a.Type], a.ID) }
func (r *Repository) nodeID() string  { return nodeID("R", r.ID) }
func (e *Environment) nodeID() string { return nodeID("EN", e.ID) }
func (d *Deployment) nodeID() string  { return nodeID("DE", d.repo.ID, d.ID) }
func (s *Status) nodeID() string      { return nodeID("DES", s.deployment.repo.ID, s.deployment.ID, s.ID) }
func (p *PullRequest) nodeID() string { return nodeID("PR", p.repo.ID, p.ID) }
func (l *Label) nodeID() string       { return nodeID("LA", l.ID) }
func (i *Issue) nodeID() string       { return nodeID("I", i.repo.ID, i.ID) }
func (v *Review) nodeID() string      { return nodeID("PRR", v.pull.repo.ID, v.ID) }
func (x *Release) nodeID() string     { return nodeID("RE", x.repo.ID, x.ID) }
func (x *WorkflowRun) nodeID() string { return nodeID("WFR", x.repo.ID, x.ID) }

func commitNodeID(r *Repository, sha string) string { return nodeID("C", r.ID, sha) }
func refNodeID(r *Repository, name string) string   { return nodeID("REF", r.ID, name) }
